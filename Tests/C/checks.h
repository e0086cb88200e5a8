/* What the parts of the C test share. Each check that fails says where and ends the program. */
#ifndef PARQUETFRAME_CHECKS_H
#define PARQUETFRAME_CHECKS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parquetframe.h"

#define CHECK(condition)                                                                  \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      fprintf(stderr, "%s:%d: %s: not true: %s\n", __FILE__, __LINE__, __func__, #condition); \
      exit(1);                                                                            \
    }                                                                                     \
  } while (0)

/* The call succeeds. `error` is the variable that the call was given. */
#define CHECK_OK(call, error)                                                             \
  do {                                                                                    \
    int32_t status_ = (call);                                                             \
    if (status_ != PF_OK) {                                                               \
      fprintf(stderr, "%s:%d: status %d: %s\n", __FILE__, __LINE__, (int)status_,         \
              (error) ? pf_error_message(error) : "no error object");                     \
      exit(1);                                                                            \
    }                                                                                     \
    CHECK((error) == NULL);                                                               \
  } while (0)

/* The call fails with `wanted`; its error object says so, with `text` in the message and `key` in
   the details. Frees the error. */
#define CHECK_ERROR(call, wanted, error, text, key)                                       \
  do {                                                                                    \
    int32_t status_ = (call);                                                             \
    if (status_ != (wanted) || (error) == NULL || pf_error_code(error) != (wanted) ||     \
        strstr(pf_error_message(error), (text)) == NULL ||                                \
        strstr(pf_error_details(error), (key)) == NULL) {                                 \
      fprintf(stderr, "%s:%d: status %d instead of %s, message \"%s\", details %s\n",     \
              __FILE__, __LINE__, (int)status_, #wanted,                                  \
              (error) ? pf_error_message(error) : "", (error) ? pf_error_details(error) : ""); \
      exit(1);                                                                            \
    }                                                                                     \
    pf_error_free(error);                                                                 \
    (error) = NULL;                                                                       \
  } while (0)

/* What a walk over batches finds. */
struct totals {
  int64_t batches;
  int64_t rows;
  int64_t sum;   /* of the int64 column that was asked for */
  int64_t nulls; /* of all columns, from their bitmaps */
};

/* The index of the int64 column `name`; -1 where there is none. */
int64_t find_column(const struct ArrowSchema *schema, const char *name);
/* Prints the names and formats of the fields. */
void print_schema(const struct ArrowSchema *schema);
/* Adds a batch to `totals`; `column` is the index to sum up, or -1. */
void add_batch(const struct ArrowArray *batch, int64_t column, struct totals *totals);
/* Reads a stream to its end and releases it. */
struct totals walk_stream(struct ArrowArrayStream *stream, const char *name);
/* The same of a table, which stays. */
struct totals walk_table(pf_handle table, const char *name);

/* A whole file in memory. */
struct bytes {
  unsigned char *start;
  int64_t count;
};
struct bytes read_file(const char *path);

pf_handle open_file(const char *path);
void free_handle(pf_handle handle);

/* The parts, each for a good file and what is known of it. */
void test_library(void);
void test_file(const char *path, const char *column, struct totals expected);
void test_tables(const char *path, const char *column, struct totals expected);
void test_errors(const char *path);
void test_sources(const char *path, const char *column, struct totals expected);
void test_cancellation(const char *path);
void test_capsules(const char *path);
void test_csv(void);
void test_avro(void);
void test_graph(void);
void test_workflow(const char *path);

#endif
