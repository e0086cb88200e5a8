/*
 * Reads a Parquet file through every function of the C interface and holds it against what the
 * caller knows of it:
 *
 *   read_parquet FILE COLUMN ROWS SUM NULLS
 *
 * COLUMN is an int64 column, SUM the sum of its values, NULLS the nulls of all columns.
 */
#include "checks.h"

static int64_t count_argument(const char *text) {
  char *end = NULL;
  long long value = strtoll(text, &end, 10);
  CHECK(end != text && *end == '\0');
  return value;
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: read_parquet FILE COLUMN ROWS SUM NULLS\n");
    return 2;
  }
  const char *path = argv[1], *column = argv[2];
  struct totals expected = {0, count_argument(argv[3]), count_argument(argv[4]),
                            count_argument(argv[5])};

  test_library();
  test_file(path, column, expected);
  test_tables(path, column, expected);
  test_errors(path);
  test_sources(path, column, expected);
  test_cancellation(path);
  test_capsules(path);
  test_csv();
  test_avro();
  test_graph();
  test_workflow(path);
  printf("all is well\n");
  return 0;
}

/* ---- The library as a whole ---------------------------------------------------------------- */

static void count_line(void *context, int32_t level, const char *message) {
  CHECK(level >= 1 && level <= 4 && message != NULL);
  *(int *)context += 1;
}

void test_library(void) {
  pf_error *error = NULL;
  CHECK(strchr(pf_version(), '.') != NULL);
  CHECK(pf_abi_version() == 2);
  pf_string_free(NULL);
  pf_error_free(NULL);

  char *before = NULL, *after = NULL;
  CHECK_OK(pf_config_get(&before, &error), error);
  CHECK_OK(pf_config_set("{\"threads\": 2}", &error), error);
  CHECK_OK(pf_config_get(&after, &error), error);
  CHECK(strstr(after, "\"threads\":2") != NULL);
  CHECK_OK(pf_config_set(before, &error), error);
  pf_string_free(before);
  pf_string_free(after);
  CHECK_ERROR(pf_config_set("{\"thread\": 2}", &error), PF_INVALID_ARGUMENT, error, "thread",
              "\"option\":\"thread\"");

  int lines = 0;
  CHECK_OK(pf_log_set_sink(count_line, &lines, 1, &error), error);
  CHECK_OK(pf_log_set_sink(NULL, NULL, 1, &error), error);
  CHECK_ERROR(pf_log_set_sink(NULL, NULL, 77, &error), PF_INVALID_ARGUMENT, error, "77", "{}");
  CHECK_ERROR(pf_config_get(NULL, &error), PF_INVALID_ARGUMENT, error, "json", "{}");
}

/* ---- A file --------------------------------------------------------------------------------- */

void test_file(const char *path, const char *column, struct totals expected) {
  pf_error *error = NULL;
  pf_handle file = open_file(path);

  int64_t rows = 0, groups = 0, columns = 0, bytes = 0;
  CHECK_OK(pf_parquet_row_count(file, &rows, &error), error);
  CHECK(rows == expected.rows);
  CHECK_OK(pf_parquet_counts(file, &rows, &groups, &columns, &bytes, &error), error);
  CHECK(rows == expected.rows && groups > 0 && columns > 0 && bytes > 0);
  CHECK_OK(pf_parquet_counts(file, NULL, NULL, NULL, NULL, &error), error);

  char *json = NULL;
  CHECK_OK(pf_parquet_metadata(file, NULL, &json, &error), error);
  CHECK(json[0] == '{' && strstr(json, "\"row_groups\":[{") != NULL);
  pf_string_free(json);

  struct ArrowSchema schema;
  CHECK_OK(pf_parquet_schema(file, &schema, &error), error);
  CHECK(schema.n_children == columns);
  CHECK(find_column(&schema, column) >= 0);
  print_schema(&schema);
  schema.release(&schema);
  CHECK(schema.release == NULL);

  /* Batches are no larger than asked for, and no smaller than they must be. */
  struct ArrowArrayStream stream;
  CHECK_OK(pf_parquet_scan(file, "{\"batch_size\": 64}", 0, &stream, &error), error);
  struct totals found = walk_stream(&stream, column);
  CHECK(found.rows == expected.rows && found.sum == expected.sum);
  CHECK(found.nulls == expected.nulls);
  CHECK(found.batches >= (rows + 63) / 64 && found.batches <= (rows + 63) / 64 + groups);

  /* A stream outlives the handle of its file, an array its stream. */
  CHECK_OK(pf_parquet_scan(file, "{\"limit\": 3}", 0, &stream, &error), error);
  free_handle(file);
  struct ArrowArray batch;
  CHECK(stream.get_next(&stream, &batch) == 0 && batch.length == 3);
  stream.release(&stream);
  CHECK(stream.release == NULL);
  struct totals three = {0, 0, 0, 0};
  add_batch(&batch, -1, &three);
  CHECK(three.rows == 3);
  batch.release(&batch);
  CHECK(batch.release == NULL);
}

/* ---- Capsules, with Python's part played here ----------------------------------------------- */

struct capsule {
  const char *name;
  void *pointer;
};

static void *capsule_get_pointer(void *capsule, const char *name) {
  struct capsule *given = capsule;
  CHECK(strcmp(given->name, name) == 0);
  return given->pointer;
}

void test_capsules(const char *path) {
  pf_error *error = NULL;
  CHECK_ERROR(pf_capsule_setup(NULL, &error), PF_INVALID_ARGUMENT, error, "NULL", "{}");
  void *(*function)(void *, const char *) = capsule_get_pointer;
  void *address = NULL;
  memcpy(&address, &function, sizeof address); /* ISO C has no such cast */
  CHECK_OK(pf_capsule_setup(address, &error), error);

  pf_handle file = open_file(path), table = 0;
  CHECK_OK(pf_parquet_read(file, NULL, 0, &table, &error), error);
  for (int filled = 0; filled <= 1; filled++) {
    struct capsule schema = {"arrow_schema", pf_arrow_schema_new()};
    struct capsule array = {"arrow_array", pf_arrow_array_new()};
    struct capsule stream = {"arrow_array_stream", pf_arrow_stream_new()};
    CHECK(((struct ArrowSchema *)schema.pointer)->release == NULL);
    if (filled) {
      CHECK_OK(pf_table_schema(table, schema.pointer, &error), error);
      CHECK_OK(pf_table_batch(table, 0, array.pointer, &error), error);
      CHECK_OK(pf_table_export(table, stream.pointer, &error), error);
    }
    pf_capsule_destroy_schema(&schema);
    pf_capsule_destroy_array(&array);
    pf_capsule_destroy_stream(&stream);
  }

  struct ArrowSchema *schema = pf_arrow_schema_new();
  CHECK_OK(pf_parquet_schema(file, schema, &error), error);
  pf_arrow_schema_free(schema);
  pf_arrow_array_free(pf_arrow_array_new());
  pf_arrow_stream_free(pf_arrow_stream_new());
  pf_arrow_schema_free(NULL);
  pf_arrow_array_free(NULL);
  pf_arrow_stream_free(NULL);
  free_handle(table);
  free_handle(file);
}
