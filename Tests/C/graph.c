/* Graphs: from arrays, their lists, a kernel, and what is refused. */
#include "checks.h"

static const int32_t sources[5] = {0, 0, 1, 2, 5};
static const int64_t targets[5] = {1, 2, 3, 3, 4};
static const float weights[5] = {1, 2, 3, 4, 5};

/* The int64 values of a table's column, added. */
static int64_t sum_of(pf_handle table, const char *column) {
  int64_t sum = walk_table(table, column).sum;
  free_handle(table);
  return sum;
}

static void test_lists(pf_handle graph, int32_t by_target, int64_t offset_sum) {
  pf_error *error = NULL;
  pf_handle offsets = 0, neighbors = 0;
  CHECK_OK(pf_graph_adjacency(graph, by_target, 0, &offsets, &neighbors, &error), error);
  CHECK(sum_of(offsets, "indptr") == offset_sum);

  struct ArrowSchema schema;
  CHECK_OK(pf_table_schema(neighbors, &schema, &error), error);
  CHECK(schema.n_children == 2);
  CHECK(strcmp(schema.children[0]->name, "indices") == 0);
  CHECK(strcmp(schema.children[0]->format, "i") == 0);
  CHECK(strcmp(schema.children[1]->format, "f") == 0);
  schema.release(&schema);
  free_handle(neighbors);
}

static void test_kernel(pf_handle graph) {
  pf_error *error = NULL;
  pf_handle table = 0;
  char *summary = NULL;
  CHECK_OK(pf_graph_run(graph, "bfs", "{\"sources\": [0], \"threads\": 2}", NULL, NULL, 0, &table,
                        &summary, &error), error);
  CHECK(strcmp(summary, "{\"reached\":4,\"depth\":2}") == 0);
  pf_string_free(summary);

  struct ArrowArray batch;
  CHECK_OK(pf_table_batch(table, 0, &batch, &error), error);
  const int32_t expected[6] = {0, 1, 1, 2, -1, -1};
  const int32_t *distances = (const int32_t *)batch.children[0]->buffers[1];
  CHECK(batch.length == 6 && memcmp(distances, expected, sizeof expected) == 0);
  batch.release(&batch);
  free_handle(table);

  CHECK_ERROR(pf_graph_run(graph, "bfs", "{\"sources\": [6]}", NULL, NULL, 0, &table, &summary,
                           &error),
              PF_INDEX_OUT_OF_RANGE, error, "6 is no node", "\"count\":6");
  CHECK_ERROR(pf_graph_run(graph, "bfs", "{\"source\": 1}", NULL, NULL, 0, &table, &summary,
                           &error),
              PF_INVALID_ARGUMENT, error, "source", "sources");
  CHECK_ERROR(pf_graph_run(graph, "dfs?", NULL, NULL, NULL, 0, &table, &summary, &error),
              PF_INVALID_ARGUMENT, error, "dfs?", "{");
  CHECK_ERROR(pf_graph_run(graph, NULL, NULL, NULL, NULL, 0, &table, &summary, &error),
              PF_INVALID_ARGUMENT, error, "kernel", "{");
  CHECK_ERROR(pf_graph_run(0, "bfs", NULL, NULL, NULL, 0, &table, &summary, &error),
              PF_INVALID_HANDLE, error, "graph", "{");

  pf_handle cancel = 0;
  CHECK_OK(pf_cancel_create(&cancel, &error), error);
  CHECK_OK(pf_cancel_signal(cancel, &error), error);
  CHECK_ERROR(pf_graph_run(graph, "bfs", NULL, NULL, NULL, cancel, &table, &summary, &error),
              PF_CANCELLED, error, "cancelled", "{");
  free_handle(cancel);
}

static int32_t count_calls(void *context, int64_t iteration, double residual) {
  int64_t *calls = (int64_t *)context;
  *calls += 1;
  return iteration == *calls && residual == residual && iteration == calls[1] ? 7 : 0;
}

static void test_progress(pf_handle graph) {
  pf_error *error = NULL;
  pf_handle table = 0;
  char *summary = NULL;
  int64_t calls[2] = {0, -1};
  CHECK_OK(
      pf_graph_run(graph, "pagerank", NULL, count_calls, calls, 0, &table, &summary, &error),
      error);
  CHECK(calls[0] > 2);
  pf_string_free(summary);
  free_handle(table);
  calls[0] = 0;
  calls[1] = 2;
  CHECK_ERROR(
      pf_graph_run(graph, "pagerank", NULL, count_calls, calls, 0, &table, &summary, &error),
      PF_CANCELLED, error, "cancelled", "{");
  CHECK(calls[0] == 2);
}

static void count_release(void *context) { *(int *)context += 1; }

static void test_csr(void) {
  static const int64_t offsets[3] = {0, 1, 2};
  static const int32_t neighbors[2] = {1, 0};
  pf_error *error = NULL;
  pf_handle graph = 0;
  int released = 0;
  CHECK_OK(pf_graph_from_csr(offsets, "l", 3, neighbors, "i", NULL, NULL, 2, NULL, count_release,
                             &released, 0, &graph, &error), error);
  CHECK(released == 0);
  free_handle(graph);
  CHECK(released == 1);
  CHECK_ERROR(pf_graph_from_csr(offsets, "l", 2, neighbors, "i", NULL, NULL, 2, NULL, count_release,
                                &released, 0, &graph, &error),
              PF_INVALID_ARGUMENT, error, "offset 1 is 1", "\"position\":1");
  CHECK(released == 2);
  CHECK_ERROR(pf_graph_from_csr(offsets, "l", -1, neighbors, "i", NULL, NULL, 2, NULL, NULL, NULL, 0,
                                &graph, &error),
              PF_INVALID_ARGUMENT, error, "offset_count", "{");
}

static void test_labels(void) {
  static const int64_t from[3] = {70, 5, 70}, to[3] = {5, -1, -1};
  pf_error *error = NULL;
  pf_handle graph = 0, labels = 0, nodes = 0, back = 0, other = 0;
  CHECK_OK(pf_graph_from_edges(from, "l", to, "l", NULL, NULL, 3, "{\"labels\": true}", 0, &graph, &error),
           error);
  CHECK_OK(pf_graph_labels(graph, 0, 0, &labels, &error), error);
  struct ArrowArray batch;
  CHECK_OK(pf_table_batch(labels, 0, &batch, &error), error);
  const int64_t expected[3] = {70, 5, -1};
  CHECK(batch.length == 3 && memcmp(batch.children[0]->buffers[1], expected, sizeof expected) == 0);
  batch.release(&batch);
  CHECK_OK(pf_graph_nodes(graph, labels, 0, &nodes, &error), error);
  CHECK_OK(pf_graph_labels(graph, nodes, 0, &back, &error), error);
  CHECK_OK(pf_graph_labeled(graph, back, 0, &other, &error), error);
  CHECK_ERROR(pf_graph_labeled(graph, graph, 0, &other, &error), PF_INVALID_HANDLE, error, "table", "{");
  free_handle(other);
  free_handle(back);
  free_handle(nodes);
  free_handle(graph);
  CHECK_OK(pf_graph_from_edges(sources, "i", targets, "l", NULL, NULL, 5, NULL, 0, &graph, &error), error);
  CHECK_ERROR(pf_graph_nodes(graph, labels, 0, &nodes, &error), PF_INVALID_ARGUMENT, error,
              "no labels", "{");
  free_handle(labels);
  CHECK_OK(pf_graph_labels(graph, 0, 0, &labels, &error), error);
  CHECK(labels == 0);
  free_handle(graph);
}

static double bound_of(void *context, int64_t node) {
  *(int *)context += 1;
  return node == 2 ? -1 : 0;
}

static void check_path(pf_handle table, char *summary) {
  CHECK(strcmp(summary, "{\"found\":true,\"length\":4.0}") == 0);
  pf_string_free(summary);
  pf_error *error = NULL;
  struct ArrowArray batch;
  CHECK_OK(pf_table_batch(table, 0, &batch, &error), error);
  const int32_t expected[3] = {0, 1, 3};
  CHECK(batch.length == 3 && memcmp(batch.children[0]->buffers[1], expected, sizeof expected) == 0);
  batch.release(&batch);
  free_handle(table);
}

static void test_astar(pf_handle graph) {
  pf_error *error = NULL;
  pf_handle table = 0;
  char *summary = NULL;
  const double bounds[6] = {4, 3, 4, 0, 0, 0};
  CHECK_OK(pf_graph_run(graph, "shortest_path", "{\"source\": 0, \"target\": 3}", NULL, NULL, 0,
                        &table, &summary, &error), error);
  check_path(table, summary);
  CHECK_OK(pf_graph_astar(graph, 0, 3, bounds, NULL, NULL, 0, &table, &summary, &error), error);
  check_path(table, summary);
  CHECK_OK(pf_graph_astar(graph, 0, 3, NULL, NULL, NULL, 0, &table, &summary, &error), error);
  check_path(table, summary);

  int calls = 0;
  CHECK_ERROR(pf_graph_astar(graph, 0, 3, NULL, bound_of, &calls, 0, &table, &summary, &error),
              PF_INVALID_ARGUMENT, error, "the bound of node 2 is -1", "heuristic");
  CHECK(calls == 3);
  CHECK_OK(pf_graph_astar(graph, 3, 0, NULL, bound_of, &calls, 0, &table, &summary, &error),
           error);
  CHECK(calls == 4 && strcmp(summary, "{\"found\":false}") == 0);
  pf_string_free(summary);
  free_handle(table);
  CHECK_ERROR(pf_graph_astar(graph, 0, 6, NULL, NULL, NULL, 0, &table, &summary, &error),
              PF_INDEX_OUT_OF_RANGE, error, "6 is no node", "\"count\":6");
  CHECK_ERROR(pf_graph_astar(graph, 0, 3, NULL, NULL, NULL, 0, NULL, &summary, &error),
              PF_INVALID_ARGUMENT, error, "table", "{");
}

void test_graph(void) {
  test_csr();
  test_labels();
  pf_error *error = NULL;
  pf_handle graph = 0;
  CHECK_OK(pf_graph_from_edges(sources, "i", targets, "l", weights, "f", 5, NULL, 0, &graph, &error),
           error);
  int64_t nodes = 0, edges = 0;
  int32_t directed = 0, weighted = 0;
  CHECK_OK(pf_graph_counts(graph, &nodes, &edges, &directed, &weighted, &error), error);
  CHECK(nodes == 6 && edges == 5 && directed == 1 && weighted == 1);
  CHECK_OK(pf_graph_counts(graph, NULL, NULL, NULL, NULL, &error), error);
  test_lists(graph, 0, 0 + 2 + 3 + 4 + 4 + 4 + 5);
  test_lists(graph, 1, 0 + 0 + 1 + 2 + 4 + 5 + 5);
  test_kernel(graph);
  test_progress(graph);
  test_astar(graph);
  free_handle(graph);

  CHECK_ERROR(pf_graph_from_edges(sources, "i", targets, "l", NULL, NULL, 5, "{\"node_count\": 3}", 0,
                                  &graph, &error),
              PF_INVALID_ARGUMENT, error, "source of edge 4 is 5", "\"position\":4");
  CHECK_ERROR(pf_graph_from_edges(sources, "u", targets, "l", NULL, NULL, 5, NULL, 0, &graph, &error),
              PF_INVALID_ARGUMENT, error, "\"u\"", "{");
  CHECK_ERROR(pf_graph_from_edges(NULL, "i", targets, "l", NULL, NULL, 5, NULL, 0, &graph, &error),
              PF_INVALID_ARGUMENT, error, "sources", "{");
  CHECK_ERROR(pf_graph_from_edges(sources, "i", targets, "l", NULL, NULL, -1, NULL, 0, &graph, &error),
              PF_INVALID_ARGUMENT, error, "edge_count", "{");
  CHECK_OK(pf_graph_from_edges(NULL, "i", NULL, "i", NULL, NULL, 0, NULL, 0, &graph, &error), error);
  free_handle(graph);
  CHECK_ERROR(pf_graph_from_table(graph, NULL, 0, &graph, &error), PF_INVALID_HANDLE, error, "table",
              "{");
}
