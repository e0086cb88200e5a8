#define _POSIX_C_SOURCE 200809L /* mkstemp, fdopen */
/* CSV from memory, through a callback and a path: read, scan, schema, sniff, rejects, errors. */
#include "checks.h"

static const char text[] = "id,name\n1,x\n2,y\nthree,z\n4,w\n";
static const int64_t text_count = sizeof text - 1;

static void count_release(void *context) { *(int *)context += 1; }

static int32_t read_text(void *context, int64_t offset, int64_t count, void *target) {
  (void)context;
  CHECK(offset >= 0 && count >= 0 && offset + count <= text_count);
  memcpy(target, text + offset, (size_t)count);
  return 0;
}

static void test_reads(pf_handle file) {
  pf_error *error = NULL;
  pf_handle table = 0, rejects = 0, scan = 0;
  int64_t count = -1, rows = 0, columns = 0;

  /* All values fit a string alone. */
  CHECK_OK(pf_csv_read(file, NULL, 0, &table, NULL, NULL, &error), error);
  CHECK_OK(pf_table_counts(table, &rows, &columns, NULL, &error), error);
  CHECK(rows == 4 && columns == 2);
  free_handle(table);

  const char *as_integers = "{\"schema\": [[\"id\", \"int64\"]]}";
  table = 0;
  CHECK_ERROR(pf_csv_read(file, as_integers, 0, &table, NULL, NULL, &error), PF_MALFORMED, error,
              "line 4", "\"line\":4");
  CHECK(table == 0);
  CHECK_ERROR(pf_csv_read(file, as_integers, 0, &table, NULL, NULL, &error), PF_MALFORMED, error,
              "three", "\"value\":\"three\"");

  const char *skipping = "{\"schema\": [[\"id\", \"int64\"]], \"on_error\": \"skip\"}";
  CHECK_OK(pf_csv_read(file, skipping, 0, &table, &rejects, &count, &error), error);
  struct totals totals = walk_table(table, "id");
  CHECK(totals.rows == 3 && totals.sum == 7 && count == 1);
  CHECK_OK(pf_table_counts(rejects, &rows, &columns, NULL, &error), error);
  CHECK(rows == 1 && columns == 8);
  free_handle(rejects);
  free_handle(table);

  struct ArrowArrayStream stream;
  CHECK_OK(pf_csv_scan(file, skipping, 0, &stream, &scan, &error), error);
  totals = walk_stream(&stream, "id");
  CHECK(totals.rows == 3 && totals.sum == 7);
  CHECK_OK(pf_csv_scan_rejects(scan, &rejects, &count, &error), error);
  CHECK(count == 1);
  free_handle(rejects);
  free_handle(scan);

  /* The strings of a stream in another layout. */
  CHECK_OK(pf_csv_scan(file, skipping, 0, &stream, NULL, &error), error);
  CHECK_OK(pf_stream_cast(&stream, "{\"string_output\": {\"name\": \"dictionary\"}}", &error), error);
  struct ArrowSchema changed;
  CHECK(stream.get_schema(&stream, &changed) == 0);
  CHECK(changed.children[1]->dictionary != NULL);
  changed.release(&changed);
  totals = walk_stream(&stream, "id");
  CHECK(totals.rows == 3 && totals.sum == 7);
  CHECK_ERROR(pf_stream_cast(NULL, NULL, &error), PF_INVALID_ARGUMENT, error, "stream", "{");

  struct ArrowSchema schema;
  CHECK_OK(pf_csv_schema(file, skipping, &schema, &error), error);
  CHECK(schema.n_children == 2 && strcmp(schema.children[0]->format, "l") == 0);
  schema.release(&schema);

  char *json = NULL;
  CHECK_OK(pf_csv_sniff(file, NULL, &json, &error), error);
  CHECK(strstr(json, "\"delimiter\":\",\"") != NULL && strstr(json, "\"confidence\":") != NULL);
  pf_string_free(json);
  CHECK_OK(pf_csv_paths(file, &json, &error), error);
  CHECK(json[0] == '[');
  pf_string_free(json);
}

static void test_refusals(pf_handle file) {
  pf_error *error = NULL;
  pf_handle table = 0, cancel = 0;
  CHECK_ERROR(pf_csv_read(file, "{\"delimeter\": \";\"}", 0, &table, NULL, NULL, &error),
              PF_INVALID_ARGUMENT, error, "delimeter", "delimiter");
  CHECK_ERROR(pf_csv_read(file, NULL, 0, NULL, NULL, NULL, &error), PF_INVALID_ARGUMENT, error,
              "table", "{");
  CHECK_ERROR(pf_csv_read(77, NULL, 0, &table, NULL, NULL, &error), PF_INVALID_HANDLE, error,
              "CSV", "{");
  CHECK_ERROR(pf_parquet_read(file, NULL, 0, &table, &error), PF_INVALID_HANDLE, error, "Parquet",
              "{");
  CHECK_ERROR(pf_csv_read(file, "{\"columns\": [\"nam\"]}", 0, &table, NULL, NULL, &error),
              PF_UNKNOWN_COLUMN, error, "nam", "\"nearest\":[\"name\"]");
  CHECK_OK(pf_cancel_create(&cancel, &error), error);
  CHECK_OK(pf_cancel_signal(cancel, &error), error);
  CHECK_ERROR(pf_csv_read(file, NULL, cancel, &table, NULL, NULL, &error), PF_CANCELLED, error,
              "cancelled", "{");
  free_handle(cancel);
  CHECK_ERROR(pf_csv_open_path("/nowhere/at/all.csv", NULL, &table, &error), PF_NOT_FOUND, error,
              "no such file", "\"file\"");
  CHECK(table == 0);
}

void test_csv(void) {
  pf_error *error = NULL;
  pf_handle file = 0;
  int released = 0;
  CHECK_OK(pf_csv_open_memory(text, text_count, NULL, count_release, &released, &file, &error),
           error);
  test_reads(file);
  test_refusals(file);
  free_handle(file);
  CHECK(released == 1);

  CHECK_OK(pf_csv_open_callback(read_text, text_count, "text", NULL, count_release, &released,
                                &file, &error), error);
  test_reads(file);
  free_handle(file);
  CHECK(released == 2);

  /* It releases the context also when it fails. */
  CHECK_ERROR(pf_csv_open_memory(NULL, 1, NULL, count_release, &released, &file, &error),
              PF_INVALID_ARGUMENT, error, "bytes", "{");
  CHECK(released == 3);

  /* Two files as one table. */
  char path[] = "/tmp/pf-csv-XXXXXX";
  int descriptor = mkstemp(path);
  CHECK(descriptor >= 0);
  FILE *out = fdopen(descriptor, "wb");
  CHECK(out != NULL && fwrite(text, 1, (size_t)text_count, out) == (size_t)text_count);
  CHECK(fclose(out) == 0);
  CHECK_OK(pf_csv_open_path(path, "{\"memory_map\": true}", &file, &error), error);
  test_reads(file);
  free_handle(file);
  char paths[128];
  snprintf(paths, sizeof paths, "[\"%s\", \"%s\"]", path, path);
  CHECK_OK(pf_csv_open_dataset(paths, NULL, &file, &error), error);
  pf_handle table = 0;
  CHECK_OK(pf_csv_read(file, NULL, 0, &table, NULL, NULL, &error), error);
  int64_t rows = 0;
  CHECK_OK(pf_table_counts(table, &rows, NULL, NULL, &error), error);
  CHECK(rows == 8);
  free_handle(table);

  /* The same by joining what is open. */
  pf_handle parts[2] = {file, file}, joined = 0;
  CHECK_OK(pf_csv_join(parts, 2, &joined, &error), error);
  free_handle(file);
  CHECK_OK(pf_csv_read(joined, NULL, 0, &table, NULL, NULL, &error), error);
  CHECK_OK(pf_table_counts(table, &rows, NULL, NULL, &error), error);
  CHECK(rows == 16);
  free_handle(table);
  free_handle(joined);
  CHECK_ERROR(pf_csv_join(parts, 2, &joined, &error), PF_INVALID_HANDLE, error, "CSV", "{");
  CHECK_ERROR(pf_csv_join(NULL, 1, &joined, &error), PF_INVALID_ARGUMENT, error, "files", "{");
  CHECK(remove(path) == 0);
}
