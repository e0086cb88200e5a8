/* Walks over schemas, batches and streams as any consumer of the Arrow C interfaces does. */
#include "checks.h"

int64_t find_column(const struct ArrowSchema *schema, const char *name) {
  int64_t found = -1;
  CHECK(strcmp(schema->format, "+s") == 0);
  for (int64_t index = 0; index < schema->n_children; index++) {
    const struct ArrowSchema *field = schema->children[index];
    CHECK(field->release != NULL && field->format != NULL && field->name != NULL);
    if (strcmp(field->name, name) == 0) {
      CHECK(strcmp(field->format, "l") == 0);
      found = index;
    }
  }
  return found;
}

void print_schema(const struct ArrowSchema *schema) {
  for (int64_t index = 0; index < schema->n_children; index++) {
    const struct ArrowSchema *field = schema->children[index];
    printf("%-16s %s%s\n", field->name, field->format,
           field->flags & ARROW_FLAG_NULLABLE ? "" : ", never null");
  }
}

/* Columnar format, "Validity bitmaps": a set bit is a value; no bitmap means no nulls. */
static int is_null(const struct ArrowArray *array, int64_t slot) {
  const uint8_t *bits = array->n_buffers > 0 ? array->buffers[0] : NULL;
  return bits != NULL && !(bits[slot / 8] >> (slot % 8) & 1);
}

void add_batch(const struct ArrowArray *batch, int64_t column, struct totals *totals) {
  CHECK(batch->release != NULL && batch->null_count == 0);
  for (int64_t index = 0; index < batch->n_children; index++) {
    const struct ArrowArray *array = batch->children[index];
    CHECK(array->length >= batch->offset + batch->length);
    const int64_t *values = index == column ? array->buffers[1] : NULL;
    int64_t nulls = 0;
    for (int64_t row = 0; row < batch->length; row++) {
      int64_t slot = array->offset + batch->offset + row;
      if (is_null(array, slot)) {
        nulls++;
      } else if (values != NULL) {
        totals->sum += values[slot];
      }
    }
    if (array->null_count != -1 && array->length == batch->length) {
      CHECK(nulls == array->null_count);
    }
    totals->nulls += nulls;
  }
  totals->batches++;
  totals->rows += batch->length;
}

struct totals walk_stream(struct ArrowArrayStream *stream, const char *name) {
  struct totals totals = {0, 0, 0, 0};
  struct ArrowSchema schema;
  CHECK(stream->get_schema(stream, &schema) == 0);
  int64_t column = find_column(&schema, name);
  schema.release(&schema);
  for (;;) {
    struct ArrowArray batch;
    int code = stream->get_next(stream, &batch);
    if (code != 0) {
      fprintf(stderr, "get_next: %d, %s\n", code, stream->get_last_error(stream));
      exit(1);
    }
    if (batch.release == NULL) break;
    add_batch(&batch, column, &totals);
    batch.release(&batch);
  }
  stream->release(stream);
  CHECK(stream->release == NULL);
  return totals;
}

struct totals walk_table(pf_handle table, const char *name) {
  pf_error *error = NULL;
  struct ArrowArrayStream stream;
  CHECK_OK(pf_table_export(table, &stream, &error), error);
  return walk_stream(&stream, name);
}

struct bytes read_file(const char *path) {
  struct bytes bytes = {NULL, 0};
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
  bytes.count = ftell(file);
  bytes.start = malloc((size_t)bytes.count + 1);
  CHECK(bytes.start != NULL && fseek(file, 0, SEEK_SET) == 0);
  CHECK(fread(bytes.start, 1, (size_t)bytes.count, file) == (size_t)bytes.count);
  fclose(file);
  return bytes;
}

pf_handle open_file(const char *path) {
  pf_error *error = NULL;
  pf_handle file = 0;
  CHECK_OK(pf_parquet_open_path(path, NULL, &file, &error), error);
  CHECK(file != 0);
  return file;
}

void free_handle(pf_handle handle) {
  pf_error *error = NULL;
  CHECK_OK(pf_handle_free(handle, &error), error);
}
