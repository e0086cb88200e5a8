/* Files in memory and behind callbacks, their release, and cancellation. */
#include "checks.h"

/* A file behind a callback, which can be told to fail or to cancel. */
struct source {
  struct bytes bytes;
  int64_t reads_left;  /* the reads until one fails; -1 for never */
  pf_handle cancel;    /* signalled by the next read where it is not 0 */
  int released;
};

static int32_t read_range(void *context, int64_t offset, int64_t count, void *target) {
  struct source *source = context;
  CHECK(!source->released);
  CHECK(offset >= 0 && count >= 0 && count <= source->bytes.count - offset);
  if (source->cancel != 0) CHECK(pf_cancel_signal(source->cancel, NULL) == PF_OK);
  if (source->reads_left == 0) return 42;
  if (source->reads_left > 0) source->reads_left--;
  memcpy(target, source->bytes.start + offset, (size_t)count);
  return 0;
}

static void release(void *context) { ((struct source *)context)->released++; }

static int32_t open_source(struct source *source, pf_handle *file, pf_error **error) {
  return pf_parquet_open_callback(
      read_range, source->bytes.count, "behind a callback", NULL, release, source, file, error);
}

static struct source new_source(const char *path) {
  struct source source = {read_file(path), -1, 0, 0};
  return source;
}

static void test_memory(const char *path, const char *column, struct totals expected) {
  pf_error *error = NULL;
  struct source source = new_source(path);
  pf_handle file = 0, table = 0;
  CHECK_OK(pf_parquet_open_memory(source.bytes.start, source.bytes.count, "", release, &source,
                                  &file, &error), error);
  CHECK_OK(pf_parquet_read(file, NULL, 0, &table, &error), error);
  CHECK(walk_table(table, column).sum == expected.sum && source.released == 0);
  free_handle(file);
  CHECK(walk_table(table, column).nulls == expected.nulls);
  free_handle(table);
  CHECK(source.released == 1);

  /* A stream needs the bytes until it is released. */
  struct ArrowArrayStream stream;
  source.released = 0;
  CHECK_OK(pf_parquet_open_memory(source.bytes.start, source.bytes.count, NULL, release, &source,
                                  &file, &error), error);
  CHECK_OK(pf_parquet_scan(file, NULL, 0, &stream, &error), error);
  free_handle(file);
  CHECK(source.released == 0);
  CHECK(walk_stream(&stream, column).sum == expected.sum);
  CHECK(source.released == 1);

  /* It is also called when nothing was opened. */
  source.released = 0;
  CHECK_ERROR(pf_parquet_open_memory("no Parquet file", 15, NULL, release, &source, &file, &error),
              PF_MALFORMED, error, "", "\"offset\":");
  CHECK(source.released == 1);
  CHECK_ERROR(pf_parquet_open_memory(source.bytes.start, source.bytes.count,
                                     "{\"memory_map\": true}", release, &source, &file, &error),
              PF_INVALID_ARGUMENT, error, "memory_map", "\"option\":\"memory_map\"");
  CHECK(source.released == 2);

  /* Every cut of the file is an error or, never, a trap. */
  for (int64_t count = 0; count < source.bytes.count; count++) {
    int32_t status = pf_parquet_open_memory(
        source.bytes.start, count, NULL, NULL, NULL, &file, &error);
    CHECK(status == PF_MALFORMED && pf_error_code(error) == PF_MALFORMED);
    pf_error_free(error);
    error = NULL;
  }
  free(source.bytes.start);
}

static void test_callback(const char *path, const char *column, struct totals expected) {
  pf_error *error = NULL;
  struct source source = new_source(path);
  pf_handle file = 0, table = 0;
  CHECK_OK(open_source(&source, &file, &error), error);
  CHECK_OK(pf_parquet_read(file, NULL, 0, &table, &error), error);
  CHECK(walk_table(table, column).sum == expected.sum);
  free_handle(table);

  /* A read that fails is told with its status and name, by calls and by streams. */
  source.reads_left = 0;
  CHECK_ERROR(pf_parquet_read(file, NULL, 0, &table, &error), PF_CALLBACK_FAILED, error, "42",
              "\"file\":\"behind a callback\"");
  struct ArrowArrayStream stream;
  struct ArrowArray batch;
  CHECK_OK(pf_parquet_scan(file, NULL, 0, &stream, &error), error);
  for (int time = 0; time < 2; time++) {
    CHECK(stream.get_next(&stream, &batch) != 0);
    CHECK(strstr(stream.get_last_error(&stream), "42") != NULL);
  }
  stream.release(&stream);
  CHECK(source.released == 0);
  free_handle(file);
  CHECK(source.released == 1);

  source.released = 0;
  CHECK_ERROR(open_source(&source, &file, &error), PF_CALLBACK_FAILED, error, "42",
              "\"file\":\"behind a callback\"");
  CHECK(source.released == 1);
  free(source.bytes.start);
}

void test_sources(const char *path, const char *column, struct totals expected) {
  test_memory(path, column, expected);
  test_callback(path, column, expected);
}

void test_cancellation(const char *path) {
  pf_error *error = NULL;
  pf_handle cancel = 0, file = 0, table = 0;
  int32_t signalled = -1;
  struct source source = new_source(path);
  CHECK_OK(open_source(&source, &file, &error), error);

  /* In the middle of a read, from inside of the source. */
  CHECK_OK(pf_cancel_create(&cancel, &error), error);
  CHECK_OK(pf_cancel_is_signalled(cancel, &signalled, &error), error);
  CHECK(signalled == 0);
  source.cancel = cancel;
  CHECK_ERROR(pf_parquet_read(file, NULL, cancel, &table, &error), PF_CANCELLED, error,
              "cancelled", "{");
  CHECK_OK(pf_cancel_is_signalled(cancel, &signalled, &error), error);
  CHECK(signalled == 1);
  source.cancel = 0;

  /* A signal stays: what is asked of it later does not begin. */
  struct ArrowArrayStream stream;
  struct ArrowArray batch;
  CHECK_OK(pf_parquet_scan(file, NULL, cancel, &stream, &error), error);
  CHECK(stream.get_next(&stream, &batch) != 0);
  CHECK(strstr(stream.get_last_error(&stream), "cancelled") != NULL);
  stream.release(&stream);

  CHECK_OK(pf_parquet_read(file, NULL, 0, &table, &error), error);
  CHECK_OK(pf_table_export(table, &stream, &error), error);
  pf_handle imported = 0;
  CHECK_ERROR(pf_table_import(&stream, cancel, &imported, &error), PF_CANCELLED, error,
              "cancelled", "{");
  CHECK(stream.release == NULL); /* taken over all the same */

  free_handle(table);
  free_handle(cancel);
  free_handle(file);
  CHECK(source.released == 1);
  free(source.bytes.start);
}
