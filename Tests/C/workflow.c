/* Workflows: a run with a checkpoint, what is kept of it, pictures, totals, and what is refused. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <unistd.h>

#include "checks.h"

static const char definition[] =
    "{\"name\": \"c\", \"steps\": ["
    "{\"name\": \"list\", \"operation\": \"mine\"},"
    "{\"name\": \"each\", \"operation\": \"mine\", \"depends_on\": \"list\", \"for_each\": \"list\"},"
    "{\"name\": \"table\", \"operation\": \"mine\", \"depends_on\": \"each\"},"
    "{\"name\": \"first\", \"operation\": \"limit\", \"parameters\": {\"limit\": 3},"
    " \"depends_on\": \"table\"},"
    "{\"name\": \"end <&>\", \"operation\": \"mine\", \"depends_on\": \"first\"}]}";

enum { LIST, EACH, TABLE, FIRST, END, STEP_COUNT };

static pf_handle start(pf_handle workflow, const char *options) {
  pf_error *error = NULL;
  pf_handle run = 0;
  CHECK_OK(pf_workflow_start(workflow, options, 0, &run, &error), error);
  return run;
}

/* Does all that is handed out, until `last` (no step: -1) is to begin or the run is over; counts what it
   did by step. */
static void work(pf_handle run, pf_handle table, int32_t last, int counts[STEP_COUNT]) {
  pf_error *error = NULL;
  int32_t turn[7] = {0}, outcome = -1;
  int64_t value = 0;
  for (;;) {
    CHECK_OK(pf_workflow_turn(run, turn, outcome, value, NULL, 0, &error), error);
    if (turn[5] == 0) {
      CHECK_OK(pf_workflow_turn(run, turn, -1, 0, NULL, 1000000, &error), error);
    }
    outcome = -1;
    value = 0;
    if (turn[5] == 2) return;
    if (turn[5] == 0) continue;
    if (turn[2] == last) return;
    counts[turn[2]]++;
    outcome = 0;
    if (turn[2] == EACH && turn[3] < 0) {
      outcome = 4;
      value = 2;
    } else if (turn[2] == TABLE) {
      value = (int64_t)table;
      CHECK_OK(pf_workflow_keep(run, turn, "bytes too", 9, &error), error);
    } else {
      char bytes[3] = {(char)turn[2], 0, (char)turn[3]};
      CHECK_OK(pf_workflow_keep(run, turn, bytes, 3, &error), error);
    }
  }
}

static void check_output(pf_handle run, int32_t step, int32_t element, const char *bytes, int64_t count) {
  pf_error *error = NULL;
  char *found = NULL;
  int64_t found_count = -1;
  CHECK_OK(pf_workflow_output(run, step, element, NULL, &found, &found_count, NULL, &error), error);
  CHECK(found != NULL && found_count == count && memcmp(found, bytes, (size_t)count) == 0);
  pf_string_free(found);
}

static void check_picture(pf_handle handle, const char *kind, const char *text) {
  pf_error *error = NULL;
  char *picture = NULL;
  CHECK_OK(pf_workflow_picture(handle, kind, 0, &picture, &error), error);
  CHECK(strstr(picture, text) != NULL && strstr(picture, "end <&>\n") == NULL);
  pf_string_free(picture);
}

/* The option `checkpoint` with this path, and other options. */
static char *with_journal(const char *folder, const char *more) {
  static char options[300];
  snprintf(options, sizeof options, "{\"checkpoint\": {\"path\": \"%s/journal\"%s", folder, more);
  return options;
}

static void remove_folder(const char *path) {
  DIR *folder = opendir(path);
  CHECK(folder != NULL);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    char name[400];
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    unlink(name);
  }
  closedir(folder);
  CHECK(rmdir(path) == 0);
}

void test_workflow(const char *path) {
  pf_error *error = NULL;
  pf_handle workflow = 0, run = 0;
  CHECK_OK(pf_workflow_open(definition, "{\"handlers\": [\"mine\"]}", &workflow, &error), error);
  pf_handle file = open_file(path), table = 0;
  CHECK_OK(pf_parquet_read(file, NULL, 0, &table, &error), error);
  free_handle(file);

  char folder[] = "/tmp/parquetframe-c-XXXXXX";
  CHECK(mkdtemp(folder) != NULL);
  static const char first[] = ", \"sync\": true}, \"inputs\": {\"a\": \"1\"}}";
  run = start(workflow, with_journal(folder, first));
  int counts[STEP_COUNT] = {0};
  work(run, table, END, counts);
  CHECK(counts[LIST] == 1 && counts[EACH] == 3 && counts[TABLE] == 1 && counts[END] == 0);
  CHECK_ERROR(pf_workflow_picture(run, "timeline", 0, NULL, &error), PF_INVALID_ARGUMENT, error, "text", "{");
  char *text = NULL;
  CHECK_ERROR(pf_workflow_picture(run, "timeline", 0, &text, &error), PF_INVALID_ARGUMENT, error, "over", "{");
  pf_handle other = 0;
  CHECK_ERROR(pf_workflow_start(workflow, with_journal(folder, first), 0, &other, &error), PF_INVALID_ARGUMENT, error, "in use",
              "problems");
  free_handle(run); /* as if the process had ended here */

  /* All but the last step is there, with what it gave. */
  run = start(workflow, with_journal(folder, first));
  check_output(run, LIST, -1, "\0\0\377", 3);
  check_output(run, EACH, 0, "\1\0\0", 3);
  check_output(run, EACH, 1, "\1\0\1", 3);
  check_output(run, TABLE, -1, "bytes too", 9);
  pf_handle kept = 0;
  char *bytes = NULL;
  int64_t byte_count = 0, element_count = 0;
  CHECK_OK(pf_workflow_output(run, EACH, -1, &kept, &bytes, &byte_count, &element_count, &error), error);
  CHECK(kept == 0 && bytes == NULL && element_count == 2);
  CHECK_OK(pf_workflow_output(run, FIRST, -1, &kept, &bytes, &byte_count, &element_count, &error), error);
  CHECK(kept != 0 && bytes == NULL && byte_count == 0 && element_count == -1);
  CHECK(walk_table(kept, "ride").rows == 3);
  free_handle(kept);
  CHECK_ERROR(pf_workflow_output(run, EACH, -1, NULL, &bytes, NULL, NULL, &error), PF_INVALID_ARGUMENT, error,
              "together", "{");
  memset(counts, 0, sizeof counts);
  work(run, table, -1, counts);
  CHECK(counts[LIST] == 0 && counts[EACH] == 0 && counts[TABLE] == 0 && counts[END] == 1);
  CHECK_OK(pf_workflow_result(run, 0, &text, &error), error);
  CHECK(strstr(text, "\"restored\":4") != NULL);
  pf_string_free(text);

  check_picture(workflow, "mermaid", "flowchart");
  check_picture(workflow, "dot", "digraph");
  check_picture(run, "mermaid", "classDef restored");
  check_picture(run, "dot", "digraph");
  check_picture(run, "timeline", "<svg");
  CHECK_ERROR(pf_workflow_picture(run, "photo", 0, &text, &error), PF_INVALID_ARGUMENT, error, "photo", "{");
  CHECK_ERROR(pf_workflow_picture(workflow, "timeline", 0, &text, &error), PF_INVALID_ARGUMENT, error,
              "timeline", "{");
  CHECK_ERROR(pf_workflow_picture(table, "dot", 0, &text, &error), PF_INVALID_HANDLE, error, "workflow", "{");
  int32_t nobody[7] = {77, 1, 0, -1, 0, 0, 0};
  CHECK_ERROR(pf_workflow_keep(run, nobody, "", 0, &error), PF_INVALID_ARGUMENT, error, "77", "{");
  free_handle(run);

  /* Another input, outputs that are not believed, and a journal that is forgotten. */
  static const char *const changes[3] = {
      "}, \"inputs\": {\"a\": \"2\"}}", ", \"resume\": false}, \"inputs\": {\"a\": \"2\"}}",
      ", \"unreadable\": [\"list\"]}, \"inputs\": {\"a\": \"2\"}}"};
  for (int change = 0; change < 3; change++) {
    run = start(workflow, with_journal(folder, changes[change]));
    memset(counts, 0, sizeof counts);
    work(run, table, -1, counts);
    CHECK(counts[LIST] == (change < 2) && counts[END] == (change < 2));
    free_handle(run);
  }
  CHECK_ERROR(pf_workflow_start(workflow, with_journal("/tmp/parquetframe-none", "}}"), 0, &run, &error),
              PF_NOT_FOUND, error, "none/journal", "\"file\"");
  CHECK_ERROR(pf_workflow_start(workflow, "{\"checkpoint\": {\"sync\": true}}", 0, &run, &error),
              PF_INVALID_ARGUMENT, error, "path", "checkpoint");

  CHECK_OK(pf_workflow_totals(1, &text, &error), error);
  CHECK(strstr(text, "{\"runs\":{\"succeeded\":4}") != NULL);
  pf_string_free(text);
  CHECK_OK(pf_workflow_totals(0, &text, &error), error);
  CHECK(strstr(text, "{\"runs\":{}") != NULL);
  pf_string_free(text);
  free_handle(workflow);
  free_handle(table);
  remove_folder(folder);
}
