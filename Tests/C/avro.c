#define _POSIX_C_SOURCE 200809L /* mkstemp, fdopen */
/* Avro from memory, through a callback and a path: read, scan, schema, count, metadata, errors. */
#include "checks.h"

/* {"id": long, "name": ["null", "string"]} in two blocks: (1, "x"), (2, null); (3, "yz"). */
static const char records[] =
    "Obj\1\6\6who\4us\24avro.codec\10null\26avro.schema\362\1"
    "{\"type\": \"record\", \"name\": \"r\", \"fields\": [{\"name\": \"id\", \"type\": \"long\"}, "
    "{\"name\": \"name\", \"type\": [\"null\", \"string\"]}]}"
    "\0" "0123456789abcdef"
    "\4\14\2\2\2x\4\0" "0123456789abcdef"
    "\2\12\6\2\4yz" "0123456789abcdef";
static const int64_t record_bytes = sizeof records - 1;

static void count_release(void *context) { *(int *)context += 1; }

static int32_t read_records(void *context, int64_t offset, int64_t count, void *target) {
  (void)context;
  CHECK(offset >= 0 && count >= 0 && offset + count <= record_bytes);
  memcpy(target, records + offset, (size_t)count);
  return 0;
}

static void test_reads(pf_handle file) {
  pf_error *error = NULL;
  pf_handle table = 0;
  int64_t count = 0, columns = 0;

  CHECK_OK(pf_avro_read(file, NULL, 0, &table, NULL, NULL, &error), error);
  struct totals totals = walk_table(table, "id");
  CHECK(totals.rows == 3 && totals.sum == 6 && totals.nulls == 1);
  free_handle(table);

  CHECK_OK(pf_avro_read(file, "{\"columns\": [\"id\"], \"limit\": 2}", 0, &table, NULL, NULL, &error), error);
  CHECK_OK(pf_table_counts(table, &count, &columns, NULL, &error), error);
  CHECK(count == 2 && columns == 1);
  free_handle(table);

  /* As another schema: a field is gone, one has its default. */
  const char *resolved =
      "{\"reader_schema\": {\"type\": \"record\", \"name\": \"r\", \"fields\": ["
      "{\"name\": \"more\", \"type\": \"long\", \"default\": 5}, {\"name\": \"id\", \"type\": \"double\"}]}}";
  CHECK_OK(pf_avro_read(file, resolved, 0, &table, NULL, NULL, &error), error);
  totals = walk_table(table, "more");
  CHECK(totals.rows == 3 && totals.sum == 15);
  free_handle(table);

  struct ArrowSchema schema;
  CHECK_OK(pf_avro_schema(file, resolved, &schema, &error), error);
  CHECK(schema.n_children == 2 && strcmp(schema.children[1]->format, "g") == 0);
  schema.release(&schema);

  struct ArrowArrayStream stream;
  CHECK_OK(pf_avro_scan(file, "{\"batch_size\": 1}", 0, &stream, NULL, &error), error);
  totals = walk_stream(&stream, "id");
  CHECK(totals.batches == 3 && totals.rows == 3 && totals.sum == 6);

  CHECK_OK(pf_avro_record_count(file, &count, &error), error);
  CHECK(count == 3);

  char *json = NULL;
  CHECK_OK(pf_avro_metadata(file, NULL, &json, &error), error);
  CHECK(strstr(json, "\"codec\":\"null\"") != NULL && strstr(json, "\"who\":\"us\"") != NULL);
  CHECK(strstr(json, "\"sync_marker\":\"30313233343536373839616263646566\"") != NULL);
  CHECK(strstr(json, "\"records\":3") != NULL);
  pf_string_free(json);
  CHECK_OK(pf_avro_metadata(file, "{\"sections\": [\"schema\"]}", &json, &error), error);
  CHECK(strncmp(json, "{\"schema\":{\"type\":\"record\"", 25) == 0);
  pf_string_free(json);
  CHECK_OK(pf_avro_paths(file, &json, &error), error);
  CHECK(json[0] == '[');
  pf_string_free(json);
}

static void test_refusals(pf_handle file) {
  pf_error *error = NULL;
  pf_handle table = 0, cancel = 0;
  char *json = NULL;
  CHECK_ERROR(pf_avro_read(file, "{\"colums\": [\"id\"]}", 0, &table, NULL, NULL, &error), PF_INVALID_ARGUMENT,
              error, "colums", "columns");
  CHECK_ERROR(pf_avro_read(file, "{\"columns\": [\"nam\"]}", 0, &table, NULL, NULL, &error), PF_UNKNOWN_COLUMN,
              error, "nam", "\"nearest\":[\"name\"]");
  CHECK_ERROR(pf_avro_read(file, "{\"reader_schema\": \"strin\"}", 0, &table, NULL, NULL, &error),
              PF_INVALID_ARGUMENT, error, "reader_schema", "\"option\":\"reader_schema\"");
  CHECK_ERROR(pf_avro_metadata(file, "{\"sections\": [\"x\"]}", &json, &error),
              PF_INVALID_ARGUMENT, error, "sections", "{");
  CHECK_ERROR(pf_avro_read(file, NULL, 0, NULL, NULL, NULL, &error), PF_INVALID_ARGUMENT, error, "table", "{");
  CHECK_ERROR(pf_avro_read(77, NULL, 0, &table, NULL, NULL, &error), PF_INVALID_HANDLE, error, "Avro", "{");
  CHECK_ERROR(pf_csv_read(file, NULL, 0, &table, NULL, NULL, &error), PF_INVALID_HANDLE, error,
              "CSV", "{");
  CHECK_OK(pf_cancel_create(&cancel, &error), error);
  CHECK_OK(pf_cancel_signal(cancel, &error), error);
  CHECK_ERROR(pf_avro_read(file, NULL, cancel, &table, NULL, NULL, &error), PF_CANCELLED, error, "cancelled",
              "{");
  free_handle(cancel);
  CHECK(table == 0 && json == NULL);
}

static void test_bad_files(void) {
  pf_error *error = NULL;
  pf_handle file = 0, table = 0;
  int64_t count = -1;
  CHECK_ERROR(pf_avro_open_memory("Obj\2", 4, NULL, NULL, NULL, &file, &error), PF_MALFORMED, error,
              "Avro", "\"offset\":0");
  CHECK_ERROR(pf_avro_open_path("/nowhere/at/all.avro", NULL, &file, &error), PF_NOT_FOUND, error,
              "no such file", "\"file\"");
  CHECK(file == 0);

  /* The last block is cut; then the branch of a union is wrong. */
  char broken[sizeof records];
  memcpy(broken, records, sizeof records);
  CHECK_OK(pf_avro_open_memory(broken, record_bytes - 1, NULL, NULL, NULL, &file, &error), error);
  CHECK_ERROR(pf_avro_record_count(file, &count, &error), PF_MALFORMED, error, "block 1",
              "\"block\":1");
  CHECK_ERROR(pf_avro_read(file, NULL, 0, &table, NULL, NULL, &error), PF_MALFORMED, error, "block 1",
              "\"offset\":");
  free_handle(file);
  broken[record_bytes - 16 - 4] = 4;
  CHECK_OK(pf_avro_open_memory(broken, record_bytes, NULL, NULL, NULL, &file, &error), error);
  CHECK_ERROR(pf_avro_read(file, NULL, 0, &table, NULL, NULL, &error), PF_MALFORMED, error, "branch 2",
              "\"column\":\"name\"");
  CHECK_OK(pf_avro_record_count(file, &count, &error), error);
  CHECK(count == 3 && table == 0);

  /* The broken block is left out, and told of. */
  pf_handle rejects = 0, scan = 0;
  const char *skipping = "{\"on_error\": \"skip\", \"union_layout\": \"struct\"}";
  CHECK_OK(pf_avro_read(file, skipping, 0, &table, &rejects, &count, &error), error);
  struct totals totals = walk_table(table, "id");
  CHECK(totals.rows == 2 && totals.sum == 3 && count == 1);
  totals = walk_table(rejects, "block");
  CHECK(totals.rows == 1 && totals.sum == 1);
  free_handle(rejects);
  free_handle(table);
  struct ArrowArrayStream stream;
  CHECK_OK(pf_avro_scan(file, skipping, 0, &stream, &scan, &error), error);
  totals = walk_stream(&stream, "id");
  CHECK(totals.rows == 2 && totals.sum == 3);
  CHECK_OK(pf_avro_scan_rejects(scan, &rejects, &count, &error), error);
  CHECK(count == 1);
  CHECK_ERROR(pf_csv_scan_rejects(scan, &rejects, &count, &error), PF_INVALID_HANDLE, error, "CSV",
              "{");
  free_handle(rejects);
  free_handle(scan);
  free_handle(file);
}

static void test_messages(void) {
  pf_error *error = NULL;
  pf_handle table = 0;
  char *json = NULL;
  /* The longs 1, -2 and 3; then numbers of schemas in a registry before two of them. */
  const char *plain = "\2\3\6";
  const int64_t ends[] = {0, 1, 2, 3};
  CHECK_OK(pf_avro_decode(plain, ends, 3, "{\"schema\": \"long\"}", &table, &error), error);
  struct totals totals = walk_table(table, "value");
  CHECK(totals.rows == 3 && totals.sum == 2);
  free_handle(table);
  const char framed[] = "\0\0\0\0\7\2" "\0\0\0\1\0\6";
  const int64_t pairs[] = {0, 6, 12};
  const char *schemas =
      "{\"framing\": \"confluent\", \"schemas\": {\"7\": \"int\", \"256\": \"long\"}, "
      "\"reader_schema\": \"long\"}";
  CHECK_OK(pf_avro_message_schemas(framed, pairs, 2, "{\"framing\": \"confluent\"}", &json, &error),
           error);
  CHECK(strcmp(json, "[7,256]") == 0);
  pf_string_free(json);
  CHECK_OK(pf_avro_decode(framed, pairs, 2, schemas, &table, &error), error);
  totals = walk_table(table, "value");
  CHECK(totals.rows == 2 && totals.sum == 4);
  free_handle(table);
  table = 0;
  const int64_t backwards[] = {0, 2, 1};
  CHECK_ERROR(pf_avro_decode(plain, backwards, 2, "{\"schema\": \"long\"}", &table, &error),
              PF_MALFORMED, error, "", "{");
  CHECK_ERROR(pf_avro_decode(plain, ends, -1, "{\"schema\": \"long\"}", &table, &error),
              PF_INVALID_ARGUMENT, error, "message_count", "{");
  CHECK_ERROR(pf_avro_decode(plain, ends, 2, NULL, &table, &error), PF_MALFORMED, error, "no schema",
              "\"message_index\":0");
  CHECK(table == 0);
}

void test_avro(void) {
  pf_error *error = NULL;
  pf_handle file = 0;
  int released = 0;
  CHECK_OK(pf_avro_open_memory(records, record_bytes, NULL, count_release, &released, &file, &error),
           error);
  test_reads(file);
  test_refusals(file);
  free_handle(file);
  CHECK(released == 1);
  CHECK_OK(pf_avro_open_callback(read_records, record_bytes, "records", NULL, count_release,
                                 &released, &file, &error), error);
  test_reads(file);
  free_handle(file);
  CHECK(released == 2);
  /* It releases the context also when it fails. */
  CHECK_ERROR(pf_avro_open_memory(NULL, 1, NULL, count_release, &released, &file, &error),
              PF_INVALID_ARGUMENT, error, "bytes", "{");
  CHECK_ERROR(pf_avro_open_memory("x", 1, NULL, count_release, &released, &file, &error),
              PF_MALFORMED, error, "Avro", "{");
  CHECK(released == 4);
  test_bad_files();
  test_messages();

  /* Two files as one table. */
  char path[] = "/tmp/pf-avro-XXXXXX";
  int descriptor = mkstemp(path);
  CHECK(descriptor >= 0);
  FILE *out = fdopen(descriptor, "wb");
  CHECK(out != NULL && fwrite(records, 1, (size_t)record_bytes, out) == (size_t)record_bytes);
  CHECK(fclose(out) == 0);
  CHECK_OK(pf_avro_open_path(path, "{\"memory_map\": true}", &file, &error), error);
  test_reads(file);
  free_handle(file);
  char paths[128];
  snprintf(paths, sizeof paths, "[\"%s\", \"%s\"]", path, path);
  CHECK_OK(pf_avro_open_dataset(paths, NULL, &file, &error), error);
  pf_handle table = 0, parts[2] = {file, file}, joined = 0;
  int64_t rows = 0;
  CHECK_OK(pf_avro_record_count(file, &rows, &error), error);
  CHECK(rows == 6);
  CHECK_OK(pf_avro_join(parts, 2, &joined, &error), error);
  free_handle(file);
  CHECK_OK(pf_avro_read(joined, NULL, 0, &table, NULL, NULL, &error), error);
  CHECK_OK(pf_table_counts(table, &rows, NULL, NULL, &error), error);
  CHECK(rows == 12);
  free_handle(table);
  free_handle(joined);
  CHECK_ERROR(pf_avro_join(parts, 2, &joined, &error), PF_INVALID_HANDLE, error, "Avro", "{");
  CHECK(remove(path) == 0);
}
