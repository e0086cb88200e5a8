/* Tables: read, exported, imported, cut, shown, and sent as Arrow IPC. */
#include "checks.h"

static void check_counts(pf_handle table, int64_t rows, int64_t columns) {
  pf_error *error = NULL;
  int64_t found_rows = -1, found_columns = -1, batches = -1;
  CHECK_OK(pf_table_counts(table, &found_rows, &found_columns, &batches, &error), error);
  CHECK(found_rows == rows && found_columns == columns && batches >= (rows > 0));
  CHECK_OK(pf_table_counts(table, NULL, NULL, NULL, &error), error);
}

static void test_cuts(pf_handle table, const char *column, struct totals expected) {
  pf_error *error = NULL;
  struct ArrowSchema schema;
  CHECK_OK(pf_table_schema(table, &schema, &error), error);
  int64_t columns = schema.n_children, wanted = find_column(&schema, column);
  schema.release(&schema);
  check_counts(table, expected.rows, columns);

  /* Slices are cut to the table, and what they part comes together again. */
  pf_handle head = 0, tail = 0;
  int64_t middle = expected.rows / 2 + 3;
  CHECK_OK(pf_table_slice(table, 0, middle, &head, &error), error);
  CHECK_OK(pf_table_slice(table, middle, INT64_MAX, &tail, &error), error);
  struct totals first = walk_table(head, column), second = walk_table(tail, column);
  CHECK(first.rows == middle && first.rows + second.rows == expected.rows);
  CHECK(first.sum + second.sum == expected.sum);
  CHECK(first.nulls + second.nulls == expected.nulls);
  free_handle(head);
  free_handle(tail);

  pf_handle selection = 0;
  const int64_t twice[2] = {wanted, wanted};
  CHECK_OK(pf_table_select(table, twice, 2, &selection, &error), error);
  check_counts(selection, expected.rows, 2);
  CHECK(walk_table(selection, column).sum == expected.sum);
  free_handle(selection);
  CHECK_OK(pf_table_select(table, NULL, 0, &selection, &error), error);
  check_counts(selection, expected.rows, 0);
  free_handle(selection);
}

/* Strings and bytes get another layout; the other columns share their memory. */
static void test_cast(pf_handle table, const char *column, struct totals expected) {
  pf_error *error = NULL;
  const char *const layouts[][3] = {
      {"{\"string_output\": \"utf8\"}", "u", "z"},
      {"{\"string_output\": \"large_utf8\"}", "U", "Z"},
      {"{\"string_output\": \"utf8_view\"}", "vu", "vz"}};
  for (int index = 0; index < 3; index++) {
    pf_handle cast = 0;
    struct ArrowSchema before, after;
    CHECK_OK(pf_table_cast(table, layouts[index][0], &cast, &error), error);
    CHECK_OK(pf_table_schema(table, &before, &error), error);
    CHECK_OK(pf_table_schema(cast, &after, &error), error);
    int64_t changed = 0;
    for (int64_t child = 0; child < before.n_children; child++) {
      const char *old = before.children[child]->format, *new = after.children[child]->format;
      if (strcmp(old, "u") != 0 && strcmp(old, "z") != 0) {
        CHECK(strcmp(old, new) == 0);
        continue;
      }
      CHECK(strcmp(new, layouts[index][*old == 'u' ? 1 : 2]) == 0);
      changed++;
    }
    CHECK(changed > 0);
    before.release(&before);
    after.release(&after);
    struct totals found = walk_table(cast, column);
    CHECK(found.rows == expected.rows && found.sum == expected.sum);
    CHECK(found.nulls == expected.nulls);
    free_handle(cast);
  }
}

static void test_text(pf_handle table, const char *column) {
  pf_error *error = NULL;
  const char *const formats[] = {NULL, "{\"format\": \"html\", \"rows\": 2}",
                                 "{\"format\": \"json\", \"rows\": 2}"};
  for (int index = 0; index < 3; index++) {
    char *text = NULL;
    CHECK_OK(pf_table_format(table, formats[index], &text, &error), error);
    CHECK(strstr(text, column) != NULL);
    pf_string_free(text);
  }
}

/* The table goes through a stream and comes back without a copy; the stream is taken over. */
static void test_import(pf_handle table, const char *column, struct totals expected) {
  pf_error *error = NULL;
  struct ArrowArrayStream stream;
  pf_handle imported = 0;
  CHECK_OK(pf_table_export(table, &stream, &error), error);
  CHECK_OK(pf_table_import(&stream, 0, &imported, &error), error);
  CHECK(stream.release == NULL);

  struct ArrowArray ours, theirs;
  CHECK_OK(pf_table_batch(table, 0, &ours, &error), error);
  CHECK_OK(pf_table_batch(imported, 0, &theirs, &error), error);
  CHECK(ours.children[0]->buffers[1] == theirs.children[0]->buffers[1]);
  ours.release(&ours);

  struct totals found = walk_table(imported, column);
  CHECK(found.sum == expected.sum && found.nulls == expected.nulls);
  free_handle(imported);
  theirs.release(&theirs);
}

/* ---- Arrow IPC -------------------------------------------------------------------------------- */

struct sink {
  struct bytes bytes;
  int64_t capacity;
  int64_t limit; /* after which writing fails */
};

static int32_t append(void *context, const void *bytes, int64_t count) {
  struct sink *sink = context;
  if (sink->bytes.count + count > sink->limit) return 28;
  if (sink->bytes.count + count > sink->capacity) {
    sink->capacity = 2 * (sink->bytes.count + count);
    sink->bytes.start = realloc(sink->bytes.start, (size_t)sink->capacity);
    CHECK(sink->bytes.start != NULL);
  }
  if (count > 0) memcpy(sink->bytes.start + sink->bytes.count, bytes, (size_t)count);
  sink->bytes.count += count;
  return 0;
}

static void test_ipc(pf_handle table, const char *column, struct totals expected) {
  pf_error *error = NULL;
  struct sink sink = {{NULL, 0}, 0, INT64_MAX};
  CHECK_OK(pf_table_write_ipc(table, append, &sink, &error), error);
  pf_handle copy = 0;
  CHECK_OK(pf_table_read_ipc(sink.bytes.start, sink.bytes.count, &copy, &error), error);

  /* The bytes were borrowed for the call alone. */
  memset(sink.bytes.start, 0xA5, (size_t)sink.bytes.count);
  struct totals found = walk_table(copy, column);
  CHECK(found.rows == expected.rows && found.sum == expected.sum);
  CHECK(found.nulls == expected.nulls);
  free_handle(copy);

  CHECK_ERROR(pf_table_read_ipc(sink.bytes.start, sink.bytes.count, &copy, &error), PF_MALFORMED,
              error, "", "{");
  sink.limit = sink.bytes.count / 2;
  sink.bytes.count = 0;
  CHECK_ERROR(pf_table_write_ipc(table, append, &sink, &error), PF_CALLBACK_FAILED, error, "28",
              "{");
  free(sink.bytes.start);
}

void test_tables(const char *path, const char *column, struct totals expected) {
  pf_error *error = NULL;
  pf_handle file = open_file(path), table = 0;
  CHECK_OK(pf_parquet_read(file, "{\"threads\": 2}", 0, &table, &error), error);
  free_handle(file); /* the table lives on */

  struct totals found = walk_table(table, column);
  CHECK(found.rows == expected.rows && found.sum == expected.sum);
  CHECK(found.nulls == expected.nulls);

  test_cuts(table, column, expected);
  test_cast(table, column, expected);
  test_text(table, column);
  test_import(table, column, expected);
  test_ipc(table, column, expected);
  free_handle(table);
}
