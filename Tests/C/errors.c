/* What can go wrong, and how the caller is told. */
#include "checks.h"

static const pf_handle untouched = 99;

static void test_open_errors(void) {
  pf_error *error = NULL;
  pf_handle file = untouched;

  CHECK_ERROR(pf_parquet_open_path("no/such.parquet", NULL, &file, &error), PF_NOT_FOUND, error,
              "no such file", "\"file\":\"no/such.parquet\"");
  CHECK_ERROR(pf_parquet_open_path(".", NULL, &file, &error), PF_IO, error, "directory",
              "\"file\":\".\"");
  CHECK_ERROR(pf_parquet_open_path("a\xFF", NULL, &file, &error), PF_INVALID_ARGUMENT, error,
              "UTF-8", "{}");
  CHECK_ERROR(pf_parquet_open_path(NULL, NULL, &file, &error), PF_INVALID_ARGUMENT, error, "path",
              "{}");
  CHECK_ERROR(pf_parquet_open_path("x", NULL, NULL, &error), PF_INVALID_ARGUMENT, error, "file",
              "{}");
  CHECK_ERROR(pf_parquet_open_path("x", "{\"memory_mapp\": true}", &file, &error),
              PF_INVALID_ARGUMENT, error, "memory_map", "\"option\":\"memory_mapp\"");
  CHECK_ERROR(pf_parquet_open_path("x", "{\"memory_map\": 3}", &file, &error),
              PF_INVALID_ARGUMENT, error, "memory_map", "\"option\":\"memory_map\"");
  CHECK_ERROR(pf_parquet_open_path("x", "[", &file, &error), PF_INVALID_ARGUMENT, error, "JSON",
              "{}");
  CHECK_ERROR(pf_parquet_open_memory(NULL, 8, NULL, NULL, NULL, &file, &error),
              PF_INVALID_ARGUMENT, error, "bytes", "{}");
  CHECK_ERROR(pf_parquet_open_memory("", -1, NULL, NULL, NULL, &file, &error),
              PF_INVALID_ARGUMENT, error, "byte_count", "{}");
  CHECK_ERROR(pf_parquet_open_callback(NULL, 8, NULL, NULL, NULL, NULL, &file, &error),
              PF_INVALID_ARGUMENT, error, "read", "{}");
  CHECK(file == untouched);

  /* The status alone is enough for who wants no object. */
  CHECK(pf_parquet_open_path("no/such.parquet", NULL, &file, NULL) == PF_NOT_FOUND);
  CHECK(pf_error_code(NULL) == PF_OK);
  CHECK(pf_error_message(NULL) == NULL && pf_error_details(NULL) == NULL);
}

static void test_option_errors(pf_handle file) {
  pf_error *error = NULL;
  pf_handle table = untouched;
  struct ArrowArrayStream stream = {0};
  static const struct {
    const char *options, *message, *details;
    int32_t status;
  } cases[] = {
      {"{\"colums\": [\"x\"]}", "columns", "\"option\":\"colums\"", PF_INVALID_ARGUMENT},
      {"{\"colums\": [\"x\"]}", "colums", "\"nearest\":[\"columns\"", PF_INVALID_ARGUMENT},
      {"{\"columns\": \"x\"}", "columns", "\"option\":\"columns\"", PF_INVALID_ARGUMENT},
      {"{\"limit\": -1}", "limit", "\"option\":\"limit\"", PF_INVALID_ARGUMENT},
      {"{\"threads\": 1e9}", "threads", "\"option\":\"threads\"", PF_INVALID_ARGUMENT},
      {"{\"dictionary\": \"x\"}", "list", "\"option\":\"dictionary\"", PF_INVALID_ARGUMENT},
      {"{\"string_output\": \"x\"}", "utf8", "\"option\":\"string_output\"", PF_INVALID_ARGUMENT},
      {"{\"columns\": [\"no such\"]}", "no such", "\"name\":\"no such\"", PF_UNKNOWN_COLUMN},
      {"{\"row_groups\": [1000]}", "row group 1000", "\"index\":1000", PF_INDEX_OUT_OF_RANGE},
      {"{\"row_groups\": [-1]}", "row group -1", "\"index\":-1", PF_INDEX_OUT_OF_RANGE},
      {"7", "object", "{}", PF_INVALID_ARGUMENT},
      {"{", "JSON", "{}", PF_INVALID_ARGUMENT},
  };
  for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
    CHECK_ERROR(pf_parquet_read(file, cases[index].options, 0, &table, &error),
                cases[index].status, error, cases[index].message, cases[index].details);
    CHECK_ERROR(pf_parquet_scan(file, cases[index].options, 0, &stream, &error),
                cases[index].status, error, cases[index].message, cases[index].details);
  }
  CHECK_ERROR(pf_parquet_read(file, "{\"batch_size\": 8}", 0, &table, &error),
              PF_INVALID_ARGUMENT, error, "batch_size", "\"option\":\"batch_size\"");
  CHECK_ERROR(pf_parquet_scan(file, "{\"batch_size\": 0}", 0, &stream, &error),
              PF_INVALID_ARGUMENT, error, "batch_size", "\"option\":\"batch_size\"");
  CHECK(table == untouched && stream.release == NULL);
}

static void test_null_outputs(pf_handle file, pf_handle table) {
  pf_error *error = NULL;
#define CHECK_NULL(call, name) CHECK_ERROR(call, PF_INVALID_ARGUMENT, error, name, "{}")
  CHECK_NULL(pf_parquet_row_count(file, NULL, &error), "row_count");
  CHECK_NULL(pf_parquet_metadata(file, NULL, NULL, &error), "json");
  CHECK_NULL(pf_parquet_schema(file, NULL, &error), "schema");
  CHECK_NULL(pf_parquet_read(file, NULL, 0, NULL, &error), "table");
  CHECK_NULL(pf_parquet_scan(file, NULL, 0, NULL, &error), "stream");
  CHECK_NULL(pf_table_import(NULL, 0, &table, &error), "stream");
  CHECK_NULL(pf_table_export(table, NULL, &error), "stream");
  CHECK_NULL(pf_table_schema(table, NULL, &error), "schema");
  CHECK_NULL(pf_table_batch(table, 0, NULL, &error), "array");
  CHECK_NULL(pf_table_slice(table, 0, 1, NULL, &error), "slice");
  CHECK_NULL(pf_table_select(table, NULL, 0, NULL, &error), "selection");
  CHECK_NULL(pf_table_select(table, NULL, 1, &file, &error), "columns");
  CHECK_NULL(pf_table_format(table, NULL, NULL, &error), "text");
  CHECK_NULL(pf_table_write_ipc(table, NULL, NULL, &error), "write");
  CHECK_NULL(pf_table_read_ipc("", 0, NULL, &error), "table");
  CHECK_NULL(pf_table_read_ipc(NULL, 8, &table, &error), "bytes");
  CHECK_NULL(pf_cancel_create(NULL, &error), "cancel");
#undef CHECK_NULL
}

static void test_table_errors(pf_handle table) {
  pf_error *error = NULL;
  pf_handle result = untouched;
  struct ArrowArray array = {0};
  const int64_t far[1] = {1000};
  CHECK_ERROR(pf_table_batch(table, 1000, &array, &error), PF_INDEX_OUT_OF_RANGE, error,
              "batch 1000", "\"count\":");
  CHECK_ERROR(pf_table_batch(table, -1, &array, &error), PF_INDEX_OUT_OF_RANGE, error, "batch -1",
              "\"index\":-1");
  CHECK_ERROR(pf_table_select(table, far, 1, &result, &error), PF_INDEX_OUT_OF_RANGE, error,
              "column 1000", "\"index\":1000");
  CHECK_ERROR(pf_table_select(table, far, -1, &result, &error), PF_INVALID_ARGUMENT, error,
              "column_count", "{}");
  CHECK_ERROR(pf_table_slice(table, -1, 5, &result, &error), PF_INVALID_ARGUMENT, error,
              "negative", "{}");
  char *text = NULL;
  CHECK_ERROR(pf_table_format(table, "{\"format\": \"pdf\"}", &text, &error), PF_INVALID_ARGUMENT,
              error, "pdf", "\"option\":\"format\"");
  struct ArrowArrayStream released = {0};
  CHECK_ERROR(pf_table_import(&released, 0, &result, &error), PF_MALFORMED, error, "", "{");
  CHECK(result == untouched && array.release == NULL && text == NULL);
}

/* `bad` is a handle that stands for nothing, or for another kind of thing. */
static void test_handle_errors(pf_handle bad_file, pf_handle bad_table, pf_handle bad_cancel) {
  pf_error *error = NULL;
  int64_t count = 0;
  int32_t flag = 0;
  pf_handle result = untouched;
  char *text = NULL;
  struct ArrowSchema schema = {0};
  struct ArrowArray array = {0};
  struct ArrowArrayStream stream = {0};
#define CHECK_HANDLE(call) CHECK_ERROR(call, PF_INVALID_HANDLE, error, "handle", "{}")
  CHECK_HANDLE(pf_parquet_row_count(bad_file, &count, &error));
  CHECK_HANDLE(pf_parquet_counts(bad_file, &count, NULL, NULL, NULL, &error));
  CHECK_HANDLE(pf_parquet_metadata(bad_file, NULL, &text, &error));
  CHECK_HANDLE(pf_parquet_schema(bad_file, &schema, &error));
  CHECK_HANDLE(pf_parquet_read(bad_file, NULL, 0, &result, &error));
  CHECK_HANDLE(pf_parquet_scan(bad_file, NULL, 0, &stream, &error));
  CHECK_HANDLE(pf_table_export(bad_table, &stream, &error));
  CHECK_HANDLE(pf_table_schema(bad_table, &schema, &error));
  CHECK_HANDLE(pf_table_counts(bad_table, &count, NULL, NULL, &error));
  CHECK_HANDLE(pf_table_batch(bad_table, 0, &array, &error));
  CHECK_HANDLE(pf_table_slice(bad_table, 0, 1, &result, &error));
  CHECK_HANDLE(pf_table_select(bad_table, NULL, 0, &result, &error));
  CHECK_HANDLE(pf_table_format(bad_table, NULL, &text, &error));
  CHECK_HANDLE(pf_cancel_signal(bad_cancel, &error));
  CHECK_HANDLE(pf_cancel_is_signalled(bad_cancel, &flag, &error));
#undef CHECK_HANDLE
  CHECK(result == untouched && text == NULL && count == 0);
  CHECK(schema.release == NULL && array.release == NULL && stream.release == NULL);
}

void test_errors(const char *path) {
  pf_error *error = NULL;
  pf_handle file = open_file(path), table = 0;
  CHECK_OK(pf_parquet_read(file, "{\"limit\": 5}", 0, &table, &error), error);

  test_open_errors();
  test_option_errors(file);
  test_null_outputs(file, table);
  test_table_errors(table);
  test_handle_errors(0, 0, 0);
  test_handle_errors(table, file, file);
  test_handle_errors(UINT64_MAX, UINT64_MAX, UINT64_MAX);
  CHECK_ERROR(pf_parquet_read(file, NULL, table, &table, &error), PF_INVALID_HANDLE, error,
              "cancel", "{}");

  free_handle(file);
  free_handle(table);
  test_handle_errors(file, table, file);
  CHECK_ERROR(pf_handle_free(file, &error), PF_INVALID_HANDLE, error, "handle", "{}");
  CHECK_ERROR(pf_handle_free(0, &error), PF_INVALID_HANDLE, error, "handle", "{}");
}
