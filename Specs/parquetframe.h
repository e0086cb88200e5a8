/*
 * ParquetFrame: the C ABI of the shared library `libparquetframe`.
 *
 * Rules that hold for every function:
 *   - It returns a `pf_status` as int32_t. Outputs are written only when it is PF_OK.
 *   - A trailing `pf_error **error` may be NULL. When the call fails and it is not NULL, it
 *     receives an error object that the caller frees with `pf_error_free`.
 *   - Strings are UTF-8, ended by a zero byte. Strings that come out are freed with
 *     `pf_string_free`; strings that go in are borrowed for the call.
 *   - Handles are numbers, never addresses: a stale, freed or foreign handle gives
 *     PF_INVALID_HANDLE. All are freed with `pf_handle_free`. 0 is never a handle.
 *   - Options travel as one JSON object (NULL or "" means none). An unknown option is an error
 *     that names it.
 *   - Every function may be called from any thread. Calls block the calling thread; a cancel
 *     handle, where one is taken (0 means none), stops them from another thread.
 *   - After fork() the child may go on using its handles; it runs on one thread.
 */
#ifndef PARQUETFRAME_H
#define PARQUETFRAME_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Arrow C Data and C Stream interface (arrow.apache.org, "The Arrow C data interface") --- */

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

#endif /* ARROW_C_STREAM_INTERFACE */

/* ---- Status and errors --------------------------------------------------------------------- */

typedef enum pf_status {
  PF_OK = 0,
  PF_INVALID_ARGUMENT = 1,   /* a NULL, a bad option, a number out of its range */
  PF_INVALID_HANDLE = 2,     /* stale, freed, foreign, or of another kind */
  PF_NOT_FOUND = 3,          /* no such file */
  PF_PERMISSION_DENIED = 4,
  PF_IO = 5,                 /* any other failure of the operating system */
  PF_MALFORMED = 6,          /* the input breaks its format; details say where */
  PF_UNSUPPORTED = 7,        /* legal input that this version does not read; details name it */
  PF_LIMIT_EXCEEDED = 8,     /* a limit of the options was passed */
  PF_CANCELLED = 9,
  PF_UNKNOWN_COLUMN = 10,    /* details: the name and the nearest names */
  PF_INDEX_OUT_OF_RANGE = 11, /* a row group or batch index */
  PF_CALLBACK_FAILED = 12,   /* a callback of the caller returned an error */
  PF_OUT_OF_MEMORY = 13,
  PF_NO_ANSWER = 14          /* a kernel on graphs has no answer; details say why */
} pf_status;

typedef struct pf_error pf_error;

/* The pf_status of an error. */
int32_t pf_error_code(const pf_error *error);
/* One sentence for people. Borrowed: valid until the error is freed. */
const char *pf_error_message(const pf_error *error);
/* A JSON object. Keys, where they are known: file, offset, row_group, column, page, feature,
   name, nearest (list), index, count, option, errno, is_directory; of CSV line, record,
   column_index, value, expected, expected_fields, found_fields, encoding, reason; of Avro block (its
   index) and record (in the block, from 1); of Avro messages message_index; of graphs position (of
   an edge), node, node_count, source, target, weight, cycle (list of nodes), iterations, residual.
   Borrowed. */
const char *pf_error_details(const pf_error *error);
/* Frees an error. NULL is allowed. */
void pf_error_free(pf_error *error);

/* ---- Library ------------------------------------------------------------------------------- */

typedef uint64_t pf_handle;

/* The engine's version, such as "0.1.0". Static: never freed. */
const char *pf_version(void);
/* Raised with each change that breaks callers of this header. */
int32_t pf_abi_version(void);
/* Frees a string that a function of this library returned. NULL is allowed. */
void pf_string_free(char *string);
/* Frees a handle of any kind. */
int32_t pf_handle_free(pf_handle handle, pf_error **error);

/* Changes settings: {"threads": 2, "log_level": "debug", ...}; effective at once. */
int32_t pf_config_set(const char *options, pf_error **error);
/* All settings as a JSON object. */
int32_t pf_config_get(char **json, pf_error **error);

/* Levels: 0 trace, 1 debug, 2 info, 3 warning, 4 error. `message` is borrowed for the call. */
typedef void (*pf_log_function)(void *context, int32_t level, const char *message);
/* Sends log lines of `level` and above to `sink`; NULL stops them. */
int32_t pf_log_set_sink(pf_log_function sink, void *context, int32_t level, pf_error **error);

/* ---- Cancellation -------------------------------------------------------------------------- */

int32_t pf_cancel_create(pf_handle *cancel, pf_error **error);
/* Asks every call that was given this handle to stop. From any thread. */
int32_t pf_cancel_signal(pf_handle cancel, pf_error **error);
int32_t pf_cancel_is_signalled(pf_handle cancel, int32_t *signalled, pf_error **error);

/* ---- Parquet ------------------------------------------------------------------------------- */

/* Reads exactly `count` bytes at `offset` into `target`; 0 on success. Called from any thread. */
typedef int32_t (*pf_read_function)(void *context, int64_t offset, int64_t count, void *target);
/* Called once, from any thread, when the library needs `context` no more. */
typedef void (*pf_release_function)(void *context);

/* Opens a file. Options: memory_map (bool, false). */
int32_t pf_parquet_open_path(
    const char *path, const char *options, pf_handle *file, pf_error **error);
/* Opens bytes in memory, which stay as they are until `release` (may be NULL) is called; it is
   called also when this function fails. Options: name ("memory", for messages). */
int32_t pf_parquet_open_memory(
    const void *bytes, int64_t byte_count, const char *options, pf_release_function release,
    void *context, pf_handle *file, pf_error **error);
/* Opens a source of `byte_count` bytes behind a callback. `name` is for messages. `release` is
   called also when this function fails. */
int32_t pf_parquet_open_callback(
    pf_read_function read, int64_t byte_count, const char *name, const char *options,
    pf_release_function release, void *context, pf_handle *file, pf_error **error);

/* Opens several files as one table, in the order of their paths; `paths` is a JSON list of files,
   directories, and patterns with * ? [...] and **. Columns are matched by name: one that a file
   lacks is null there, and types widen where that loses nothing. Options: memory_map (bool, false),
   hive_partitioning (bool, true): `key=value` directories are columns, dictionaries of int32 or
   utf8. Row count, counts, schema, read and scan take the handle as they take a file's. */
int32_t pf_parquet_open_dataset(
    const char *paths, const char *options, pf_handle *dataset, pf_error **error);
/* The paths of the files of a dataset, in the order of their rows, as a JSON list. */
int32_t pf_parquet_paths(pf_handle dataset, char **json, pf_error **error);

/* The number of rows; decodes only the first fields of the footer. */
int32_t pf_parquet_row_count(pf_handle file, int64_t *row_count, pf_error **error);
/* Counts of the footer; `uncompressed_byte_count` sums what the row groups claim. NULLs are
   skipped. */
int32_t pf_parquet_counts(
    pf_handle file, int64_t *row_count, int64_t *row_group_count, int64_t *column_count,
    int64_t *uncompressed_byte_count, pf_error **error);
/* The footer as JSON; its form is in Specs/metadata.md. Options: sections (list of "file", "paths",
   "columns", "schema", "row_groups"; all but "paths" by default), row_groups and columns (lists of
   the indices whose metadata is wanted). */
int32_t pf_parquet_metadata(
    pf_handle file, const char *options, char **json, pf_error **error);
/* Statistics of columns, merged over row groups, as JSON (Specs/metadata.md, "Column statistics").
   Options: columns (list of dotted paths), row_groups (list of indices). */
int32_t pf_parquet_statistics(
    pf_handle file, const char *options, char **json, pf_error **error);
/* The Arrow schema of the table that a read gives. */
int32_t pf_parquet_schema(pf_handle file, struct ArrowSchema *schema, pf_error **error);
/* Reads into a table. Options: columns (list of names, or dotted paths into nested columns),
   row_groups (list of indices), filters (a condition on the rows, as Specs/filters.md says),
   limit (rows), threads, verify_checksums (bool),
   coerce_int96_timestamp_unit ("ns" | "us" | "ms" | "s"), string_output ("utf8" | "large_utf8" | "utf8_view" | "dictionary", or
   an object of these by column), dictionary (list of names, as string_output with "dictionary"
   for each), restore_arrow_schema (bool, true). Limits, of which the one that is passed is named by
   a PF_LIMIT_EXCEEDED: nesting_limit (levels of groups in a column, 1 to 127, 100), page_byte_limit
   (bytes of a page, 2^30), compression_ratio_limit (bytes of a page for each that is stored, where
   they are more than 16 MiB; what the codec can make, 100000 of BROTLI), allocation_limit (bytes of
   the table, or of one batch of a scan; 3/4 of the memory). */
int32_t pf_parquet_read(
    pf_handle file, const char *options, pf_handle cancel, pf_handle *table, pf_error **error);
/* As `pf_parquet_read`, as a stream that decodes as it is pulled, with bounded memory.
   More options: batch_size (rows, 65536), read_ahead (bool, true): with several threads the next
   batch is decoded while the caller works on the present one. `release` stops that; it waits for
   it, unless the bytes come from a callback, whose `release` then follows a little later. */
int32_t pf_parquet_scan(
    pf_handle file, const char *options, pf_handle cancel, struct ArrowArrayStream *stream,
    pf_error **error);

/* ---- CSV ----------------------------------------------------------------------------------- */

/* As `pf_parquet_open_path`: opens a file of text, or one that gzip or zstd compressed, which its
   first bytes tell. Options: memory_map (bool, false). */
int32_t pf_csv_open_path(
    const char *path, const char *options, pf_handle *file, pf_error **error);
/* As `pf_parquet_open_memory`. */
int32_t pf_csv_open_memory(
    const void *bytes, int64_t byte_count, const char *options, pf_release_function release,
    void *context, pf_handle *file, pf_error **error);
/* As `pf_parquet_open_callback`. */
int32_t pf_csv_open_callback(
    pf_read_function read, int64_t byte_count, const char *name, const char *options,
    pf_release_function release, void *context, pf_handle *file, pf_error **error);
/* Opens several files as one table, in the order of their paths; `paths` is a JSON list of files,
   directories, and patterns with * ? [...] and **. All have the same columns, by name where there
   is a header, else by position, or option union_by_name makes those null that a file lacks; types are those that the values of all files fit. Options:
   memory_map (bool, false). Read, scan, schema and sniff take the handle as they take a file's;
   schema and sniff look at the first file. */
int32_t pf_csv_open_dataset(
    const char *paths, const char *options, pf_handle *dataset, pf_error **error);
/* Makes one table, as `pf_csv_open_dataset` does, of files that are open from anywhere, in their order;
   the handles may be freed afterwards. */
int32_t pf_csv_join(
    const pf_handle *files, int64_t file_count, pf_handle *dataset, pf_error **error);
/* The paths of the files, in the order of their rows, as a JSON list. */
int32_t pf_csv_paths(pf_handle file, char **json, pf_error **error);

/* Reads into a table. Specs/csv.md says each rule. Options, all with a default: delimiter (","), quote
   ("\"", "" for none), double_quote (true), escape (none), comment (none), has_header (true),
   skip_rows (lines before the header, 0), skip_blank_lines (true), trim ("none" | "leading" |
   "trailing" | "both"), decimal_mark ("."), thousands_mark (none), encoding ("utf-8", "latin-1",
   "cp1252", "utf-16", "utf-16-le", "utf-16-be"; by default what a byte order mark says, else UTF-8),
   encoding_errors ("strict" | "replace" by U+FFFD), column_names (list, in place of the header's),
   columns (list of the names wanted), schema (list of pairs of a name and a type, such as ["price",
   "decimal128(10, 2)"]; by name where there is a header or column_names, else in order), infer_schema
   (bool, true; strings otherwise), sample_rows (1000), datetime_formats (list of formats of strptime,
   or an object of lists by column, whose member "" is for all others), null_values (list, [""], or an
   object of lists by column, whose member "" is for all others), strings_can_be_null (true),
   quoted_strings_can_be_null (false), true_values, false_values (lists), limit (rows), union_by_name
   (bool, false: files of a dataset have the same columns), on_error ("raise" | "null" | "skip"),
   ragged ("error" | "pad" | "cut" | "pad_and_cut" | "skip"), duplicate_names ("rename" | "keep" |
   "error"), reject_limit (rows of `rejects`, 100000), threads, chunk_size (bytes that one thread takes
   at a time). `rejects`, which may be NULL, receives a second table: what `on_error` and `ragged` left
   out or made null, with the columns line, record, column, column_index, byte_offset, value, expected,
   reason. `reject_count`, which may be NULL, counts those above reject_limit too. Details of errors
   have line, record, column, column_index, offset, value, expected, reason, where they are known. */
int32_t pf_csv_read(
    pf_handle file, const char *options, pf_handle cancel, pf_handle *table, pf_handle *rejects,
    int64_t *reject_count, pf_error **error);
/* As `pf_csv_read`, as a stream with bounded memory. Where types are inferred, this call reads all of
   the input once to know them. More options: batch_size (rows, 65536). `scan`, which may be NULL,
   receives a handle for `pf_csv_scan_rejects`. */
int32_t pf_csv_scan(
    pf_handle file, const char *options, pf_handle cancel, struct ArrowArrayStream *stream,
    pf_handle *scan, pf_error **error);
/* What was left out so far, as `pf_csv_read` gives it; all of it once the stream has ended. */
int32_t pf_csv_scan_rejects(
    pf_handle scan, pf_handle *rejects, int64_t *reject_count, pf_error **error);
/* The Arrow schema that the first records give; a later value may widen a column. Options as for
   `pf_csv_read`. */
int32_t pf_csv_schema(
    pf_handle file, const char *options, struct ArrowSchema *schema, pf_error **error);
/* What the begin of the file looks like, as a JSON object of options for `pf_csv_read`: delimiter,
   quote, has_header, schema, escape and comment where they are known; and confidence (0 to 1), records
   (how many were looked at). Options as for `pf_csv_read`, for what is known. */
int32_t pf_csv_sniff(pf_handle file, const char *options, char **json, pf_error **error);

/* ---- Avro ---------------------------------------------------------------------------------- */

/* As `pf_parquet_open_path`, for object container files; their head is read here. Options: memory_map
   (bool, false). */
int32_t pf_avro_open_path(
    const char *path, const char *options, pf_handle *file, pf_error **error);
/* As `pf_parquet_open_memory`. */
int32_t pf_avro_open_memory(
    const void *bytes, int64_t byte_count, const char *options, pf_release_function release,
    void *context, pf_handle *file, pf_error **error);
/* As `pf_parquet_open_callback`. */
int32_t pf_avro_open_callback(
    pf_read_function read, int64_t byte_count, const char *name, const char *options,
    pf_release_function release, void *context, pf_handle *file, pf_error **error);
/* Opens several files as one table, in the order of their paths; `paths` is a JSON list of files,
   directories, and patterns with * ? [...] and **. All are read as the schema of the first, or as the
   option reader_schema says. Options: memory_map (bool, false). All functions below take the handle as
   they take a file's; `pf_avro_metadata` looks at the first file. */
int32_t pf_avro_open_dataset(
    const char *paths, const char *options, pf_handle *dataset, pf_error **error);
/* Makes one table, as `pf_avro_open_dataset` does, of files that are open from anywhere, in their
   order; the handles may be freed afterwards. */
int32_t pf_avro_join(
    const pf_handle *files, int64_t file_count, pf_handle *dataset, pf_error **error);
/* The paths of the files, in the order of their rows, as a JSON list. */
int32_t pf_avro_paths(pf_handle file, char **json, pf_error **error);

/* Reads into a table; Specs/avro.md says how types map to Arrow. Options: columns (list of names, or
   dotted paths into nested columns), reader_schema (a schema, or its JSON text: records are read as
   it by the rules of schema resolution; a text that is no JSON is the name of a type), limit (rows),
   threads, on_error ("raise" | "skip" broken blocks), union_layout ("dense" | "struct": what a union of
   several types becomes), block_byte_limit (bytes of a block when decompressed, 2^30), allocation_limit
   (bytes of the table, or of one batch of a scan; 3/4 of the memory). `rejects`, which may be NULL,
   receives a second table: the blocks that on_error left out, with the columns file, block, byte_offset,
   column, reason; `reject_count`, which may be NULL, how many. Details of errors have block, offset,
   record and column, where they are known. */
int32_t pf_avro_read(
    pf_handle file, const char *options, pf_handle cancel, pf_handle *table, pf_handle *rejects,
    int64_t *reject_count, pf_error **error);
/* As `pf_avro_read`, as a stream that decodes as it is pulled, with bounded memory. More options:
   batch_size (rows, 65536). `release` is as that of `pf_parquet_scan`. `scan`, which may be NULL,
   receives a handle for `pf_avro_scan_rejects`. */
int32_t pf_avro_scan(
    pf_handle file, const char *options, pf_handle cancel, struct ArrowArrayStream *stream,
    pf_handle *scan, pf_error **error);
/* What was left out so far, as `pf_avro_read` gives it; all of it once the stream has ended. */
int32_t pf_avro_scan_rejects(
    pf_handle scan, pf_handle *rejects, int64_t *reject_count, pf_error **error);
/* The Arrow schema of the table that a read gives. Options as for `pf_avro_read`. */
int32_t pf_avro_schema(
    pf_handle file, const char *options, struct ArrowSchema *schema, pf_error **error);
/* The number of records, from the heads of the blocks; nothing is decompressed. */
int32_t pf_avro_record_count(pf_handle file, int64_t *record_count, pf_error **error);
/* What the first file says of itself, as JSON; its form is in Specs/metadata.md. Options: sections (list
   of "file", "schema", "blocks"; all by default); without "blocks" only the head of the file is
   read. */
int32_t pf_avro_metadata(
    pf_handle file, const char *options, char **json, pf_error **error);
/* Decodes messages of one record each, which carry at most the number of their schema, to a table with
   a row for each. Message i is at bytes[offsets[i]] .. bytes[offsets[i + 1]]; there are message_count
   + 1 offsets, and nothing is kept. Options: framing ("none" | "single_object" | "confluent"), schema (of
   all messages) or schemas (an object of schemas by number, or for single_object a list), and
   reader_schema, columns, union_layout as for `pf_avro_read`. In details of errors, message_index
   is the message, where there are several, and offset counts from its first byte. */
int32_t pf_avro_decode(
    const void *bytes, const int64_t *offsets, int64_t message_count, const char *options,
    pf_handle *table, pf_error **error);
/* The numbers of the schemas that messages were written with, each once, as a JSON list. Option:
   framing. */
int32_t pf_avro_message_schemas(
    const void *bytes, const int64_t *offsets, int64_t message_count, const char *options,
    char **json, pf_error **error);

/* ---- Graphs -------------------------------------------------------------------------------- */

/* Makes a graph whose nodes are 0 ..< node_count from edge_count edges. The arrays are borrowed for
   the call; formats are those of the Arrow C data interface ("i", "l", "f", "g", ...): integers for
   source and target, any numbers for weights, which may be NULL. Options: directed (true),
   node_count (one more than the largest id), duplicates ("keep" | "merge" | "first"), self_loops
   (true), threads, labels (false). With labels, integers are names: nodes are numbered by where their
   name comes first when edges are read in order, the source of each before its target. */
int32_t pf_graph_from_edges(
    const void *sources, const char *source_format, const void *targets,
    const char *target_format, const void *weights, const char *weight_format, int64_t edge_count,
    const char *options, pf_handle cancel, pf_handle *graph, pf_error **error);
/* The same from columns of a table. More options: source, target (names of columns, "source" and
   "target"), weight (a name; no weights without). Labels may be integers, dates, times, decimals,
   strings and bytes in any layout or dictionary; the option is true by default where they are
   strings. */
int32_t pf_graph_from_table(
    pf_handle table, const char *options, pf_handle cancel, pf_handle *graph, pf_error **error);
/* Makes a graph over lists of neighbours, as pf_graph_adjacency gives them: offsets and neighbors are
   integers, weights any numbers or NULL. The arrays are lent until `release` (may be NULL) is called,
   which is done also when this function fails; they are shared where they are int64, int32, and
   floating point, and each list ascends, else copied at once. Options: directed (true; without, each
   edge stands at both of its nodes), threads. */
int32_t pf_graph_from_csr(
    const void *offsets, const char *offset_format, int64_t offset_count, const void *neighbors,
    const char *neighbor_format, const void *weights, const char *weight_format, int64_t edge_count,
    const char *options, pf_release_function release, void *context, pf_handle cancel,
    pf_handle *graph, pf_error **error);
/* The same graph, whose memory it shares, with a name for each node: the first column of a table. */
int32_t pf_graph_labeled(
    pf_handle graph, pf_handle labels, pf_handle cancel, pf_handle *labeled, pf_error **error);
/* The names of nodes as a table with a column label: of all, or with a table in place of 0 of those
   that its first column has (-1 is null). `labels` receives 0 for a graph without names. */
int32_t pf_graph_labels(
    pf_handle graph, pf_handle nodes, pf_handle cancel, pf_handle *labels, pf_error **error);
/* The nodes (a table with a column node, int32) that have the names in the first column of a table; -1
   where no node has. The first call makes a table of names, which the graph keeps. */
int32_t pf_graph_nodes(
    pf_handle graph, pf_handle labels, pf_handle cancel, pf_handle *nodes, pf_error **error);
/* What is known of a graph: nodes, edges (those without direction count once), whether it is
   directed and whether it has weights. Any output may be NULL. */
int32_t pf_graph_counts(
    pf_handle graph, int64_t *node_count, int64_t *edge_count, int32_t *is_directed,
    int32_t *is_weighted, pf_error **error);
/* The neighbours of all nodes, back to back, ascending for each node: with by_target 0 those that a
   node leads to (CSR), else those that lead to it (CSC). `offsets` receives a table of one column
   indptr (int64, one value more than nodes): where the neighbours of each node begin; `neighbors`
   one of indices (int32) and, of a graph with weights, weights. They share the graph's memory. */
int32_t pf_graph_adjacency(
    pf_handle graph, int32_t by_target, pf_handle cancel, pf_handle *offsets, pf_handle *neighbors,
    pf_error **error);
/* Told how far a kernel is: iterations (levels, rounds) done, and what a method that converges wants
   to be small, else NaN. What is not 0 stops the kernel with PF_CANCELLED. */
typedef int32_t (*pf_progress_function)(void *context, int64_t iteration, double residual);
/* Runs a kernel: its values, a row for each node, go to `table`, and what it says of the whole to
   `summary`, a JSON object. Common option: threads. Kernels, their options, columns and summaries:
     bfs: sources (list of nodes), max_depth; distance, predecessor (int32, -1 for none); reached,
       depth
     dfs: source, max_depth; preorder, postorder (int32; a row for each node reached), predecessor
       (of the node in preorder, -1 for the source)
     shortest_paths: sources, targets (ends the search when all are reached), max_distance, method
       ("auto" | "dijkstra" | "delta_stepping" | "bellman_ford"), delta (the width of a bucket);
       distance (double, infinite for what is not reached), predecessor (int32, -1 for none)
     shortest_distances: as shortest_paths; distance alone, which takes several threads less time
     shortest_path: source, target, use_weights (true); node (int32, a row for each on the path; no
       columns without one); found, length
     topological_sort (directed only): node (int32)
     bipartition: side (int32, 0 or 1; no columns without sides); is_bipartite, odd_cycle
     minimum_spanning_forest (without directions only): source, target (int32), weight (double; a row
       for each edge); total_weight
     pagerank: alpha (0.85), tol (1e-6, for each node), max_iter (100), use_weights (true),
       personalization (a list of numbers, or an object of numbers by node); rank (double);
       iterations, residual
     connected_components: method ("afforest" | "union_find"); component (int32, its smallest node);
       count
     strongly_connected_components: method ("auto" | "tarjan" | "forward_backward"); component,
       count
     core_numbers (without directions only): core (int32); largest
     triangle_count (without directions only): no columns; count
     out_degree, in_degree: degree (int64)
     clustering: coefficient (double); average
     triangles (without directions only): triangles (int64); count, transitivity
     degree_centrality: direction ("both" | "in" | "out"); centrality (double)
     degree_statistics: direction; count (int64, a row for each degree from 0); min, max, mean,
       isolated, self_loops
     hits: tol (1e-8), max_iter (100), use_weights (true), normalized (true); hub, authority
       (double); iterations, residual
     eigenvector_centrality: tol (1e-6, for each node), max_iter (100), use_weights (false);
       centrality (double); iterations, residual
     katz_centrality: alpha (0.1), beta (1), betas (a list of numbers, or an object of numbers by
       node, beta for the rest), normalized (true), tol (1e-6, for each node), max_iter (1000),
       use_weights (false); centrality (double); iterations, residual
     closeness_centrality: nodes (a list, a row for each; all by default), wf_improved (true);
       centrality (double)
     betweenness_centrality: k (so many sources, drawn by seed), seed (0), sources (a list instead),
       normalized (true), endpoints (false); centrality (double)
     label_propagation, louvain, leiden (without directions only): resolution (1), seed (0),
       use_weights (true), max_levels (1000); community (int32, its smallest node); count,
       modularity, levels

   `progress` (may be NULL) is called with `context` by a thread of the call's, one call at a time,
   and only until the call returns. Kernels that tell are those that go in rounds: bfs,
   shortest_paths and shortest_distances (delta_stepping, bellman_ford), pagerank, hits,
   eigenvector_centrality, katz_centrality, label_propagation, louvain, leiden, minimum_spanning_forest. */
int32_t pf_graph_run(
    pf_handle graph, const char *kernel, const char *options, pf_progress_function progress,
    void *context, pf_handle cancel, pf_handle *table, char **summary, pf_error **error);

/* A bound for a node; not a number where there is none to tell, which ends the search. */
typedef double (*pf_bound_function)(void *context, int64_t node);
/* Finds a path by A*: as the kernel shortest_path, with lower bounds of the length from each node to
   the target: in an array with one for each node, or from a function that is called at most once
   for each node that comes into question; by the calling thread, and only until the call returns.
   Bounds are 0 without either. */
int32_t pf_graph_astar(
    pf_handle graph, int64_t source, int64_t target, const double *bounds,
    pf_bound_function bound, void *context, pf_handle cancel, pf_handle *table, char **summary,
    pf_error **error);

/* ---- Workflows (Specs/workflow.md) ---------------------------------------------------------- */

/* Checks a definition in JSON. Option: `handlers`, the names of the operations that the caller does
   itself; their steps, elements and cleanups are handed out by pf_workflow_turn. Where "workflow.when"
   is among them, so are the steps that ask the conditions of inner workflows. All problems come
   at once: PF_INVALID_ARGUMENT with `problems` in the details. */
int32_t pf_workflow_open(
    const char *definition, const char *options, pf_handle *workflow, pf_error **error);
/* A JSON object: `name`, `steps` (in the order of their numbers; those of inner workflows as
   `outer.inner`), `levels`, `critical_path`. */
int32_t pf_workflow_describe(pf_handle workflow, char **text, pf_error **error);

/* Begins a run; nothing happens before workers take turns. Options: max_parallel, shared_limit,
   cpu_limit, io_limit, resources, memory_bytes, timeout, grace (seconds), seed, measure_cpu, events
   (whether pf_workflow_watch is to tell them), inputs (an object of texts that stand for what the
   steps are given; the keys of a checkpoint change with them), checkpoint: an object with path (of the
   journal), sync (false; whether each record is on the disk before the run goes on), resume (true;
   else what the journal has is forgotten), unreadable (a list of steps whose outputs in the journal
   are not to be used: they run again where they are needed). Steps that an earlier run on the
   checkpoint has done are `restored`. The run takes the cancel handle. */
int32_t pf_workflow_start(
    pf_handle workflow, const char *options, pf_handle cancel, pf_handle *run, pf_error **error);
/* Ends what a worker (a thread of the caller's) has done and tells what it is to do next.
   `turn` has seven numbers: unit, attempt (from 1), step, element (-1: the whole step), whether it is
   the step's cleanup, what to do (0 nothing now, 1 this unit, 2 the run is over), and how many
   workers more the caller is asked to start. The first five go in as they came out.
   `outcome`: -1 nothing was done; -2 nothing, and the worker is one that was asked for; 0 it ended
   well, `value` is the table that it gave or 0; 1 it failed and may be tried again, 2 it failed, for
   the reason `problem`; 3 it found that it is not needed; 4 it is fanned out over `value` elements.
   `patience` 0: never blocks. Else the call runs the engine's own steps, and waits up to so many
   nanoseconds for something to do; it hands out no unit, but comes back when there is one. */
int32_t pf_workflow_turn(
    pf_handle run, int32_t *turn, int32_t outcome, int64_t value, const char *problem,
    int64_t patience, pf_error **error);
/* Gives the checkpoint, where the run has one, bytes that stand for what `unit` (the first five
   numbers of a turn) is about to give; a later run gets them from pf_workflow_output. Called before
   the turn that ends the unit. A table that the turn gives is kept in any case, in a file beside the
   journal; what ends without either runs again where its output is needed. */
int32_t pf_workflow_keep(
    pf_handle run, const int32_t *unit, const void *bytes, int64_t byte_count, pf_error **error);
/* Waits up to `patience` nanoseconds for news: events as JSON lines (NULL where there are none),
   the end, workers that the caller is asked to start (the first time also those that later steps are
   going to want at once). Times are kept from in here: somebody should always watch a run. Outputs
   may be NULL. */
int32_t pf_workflow_watch(
    pf_handle run, int64_t patience, char **events, int32_t *is_over, int32_t *missing_workers,
    pf_error **error);
int32_t pf_workflow_cancel(pf_handle run, pf_error **error);
/* Whether the attempt of `unit` (the first five numbers of a turn) is to stop. */
int32_t pf_workflow_is_stopping(
    pf_handle run, const int32_t *unit, int32_t *stopping, pf_error **error);
/* A cancel handle that is signalled when the attempt is to stop; for calls of the engine in it. */
int32_t pf_workflow_cancellation(
    pf_handle run, const int32_t *unit, pf_handle *cancel, pf_error **error);
/* Tells watchers how far a unit is: `fraction` from 0 to 1 or NaN, `message` or NULL. */
int32_t pf_workflow_report(
    pf_handle run, const int32_t *unit, double fraction, const char *message, pf_error **error);
/* What a step, or one of its elements (-1: the whole step), gave: the table, or 0; where an earlier run
   on the checkpoint has done it, the bytes that were kept, or NULL, freed with pf_string_free; and how
   many elements a step that is fanned out has as far as is known, or -1. Outputs may be NULL. */
int32_t pf_workflow_output(
    pf_handle run, int32_t step, int32_t element, pf_handle *table, char **bytes,
    int64_t *byte_count, int64_t *element_count, pf_error **error);
/* What became of the run so far, as JSON; with the steps where `steps` is not 0. */
int32_t pf_workflow_result(pf_handle run, int32_t steps, char **text, pf_error **error);
/* A workflow, or the one of a run with the states of its steps, as a picture in text: kind "mermaid" or
   "dot"; of a run that is over "timeline", an SVG image `width` pixels wide (0: 1000). */
int32_t pf_workflow_picture(
    pf_handle workflow_or_run, const char *kind, int32_t width, char **text, pf_error **error);
/* Sums over the runs of the process that are over, as JSON; begins anew where `reset` is not 0. */
int32_t pf_workflow_totals(int32_t reset, char **text, pf_error **error);

/* ---- Tables -------------------------------------------------------------------------------- */

/* Takes over a stream (its release becomes NULL) and reads it to its end. */
int32_t pf_table_import(
    struct ArrowArrayStream *stream, pf_handle cancel, pf_handle *table, pf_error **error);
/* Takes over a schema and arrays of it, one behind the other, which become the table's batches;
   their releases become NULL. */
int32_t pf_table_import_arrays(
    struct ArrowSchema *schema, struct ArrowArray *arrays, int64_t array_count, pf_handle *table,
    pf_error **error);
/* Fails as the stream's get_next did, with all that is known of why; PF_OK where it did not fail,
   or the stream is not one of this library. */
int32_t pf_stream_last_error(struct ArrowArrayStream *stream, pf_error **error);
/* A stream over the table's batches, without a copy. May be called many times. */
int32_t pf_table_export(pf_handle table, struct ArrowArrayStream *stream, pf_error **error);
int32_t pf_table_schema(pf_handle table, struct ArrowSchema *schema, pf_error **error);
/* NULLs are skipped. */
int32_t pf_table_counts(
    pf_handle table, int64_t *row_count, int64_t *column_count, int64_t *batch_count,
    pf_error **error);
/* Batch `index` as a struct array, without a copy. */
int32_t pf_table_batch(
    pf_handle table, int64_t index, struct ArrowArray *array, pf_error **error);
/* Rows offset ..< offset + length, cut to the table; shares memory. */
int32_t pf_table_slice(
    pf_handle table, int64_t offset, int64_t length, pf_handle *slice, pf_error **error);
/* Columns by index, in the given order; shares memory. */
int32_t pf_table_select(
    pf_handle table, const int64_t *columns, int64_t column_count, pf_handle *selection,
    pf_error **error);
/* The table with columns of strings and bytes in other layouts, also as dictionaries of each batch, or
   dictionaries looked up; others, and columns that do not fit the layout, stay as they are and share
   memory. Options: string_output, as for `pf_parquet_read`, by the names of columns. */
int32_t pf_table_cast(
    pf_handle table, const char *options, pf_handle *cast, pf_error **error);
/* The same for a stream of this library that nothing was read of yet, its schema included. A batch
   that does not fit the layout is an error of the stream. */
int32_t pf_stream_cast(
    struct ArrowArrayStream *stream, const char *options, pf_error **error);
/* The table as aligned text. Options: rows (10), width (columns of the terminal, 0 = no limit),
   color (bool, false), format ("text" | "html" | "json"). */
int32_t pf_table_format(pf_handle table, const char *options, char **text, pf_error **error);

/* Takes `count` bytes; 0 on success. */
typedef int32_t (*pf_write_function)(void *context, const void *bytes, int64_t count);
/* Writes the table as an Arrow IPC stream. */
int32_t pf_table_write_ipc(
    pf_handle table, pf_write_function write, void *context, pf_error **error);
/* Reads an Arrow IPC stream; the bytes are borrowed for the call. */
int32_t pf_table_read_ipc(
    const void *bytes, int64_t byte_count, pf_handle *table, pf_error **error);

/* ---- Python capsules (Arrow PyCapsule interface) ------------------------------------------- */

/* Gives the library CPython's `PyCapsule_GetPointer`. Called once, before the first capsule. */
int32_t pf_capsule_setup(void *capsule_get_pointer, pf_error **error);
/* A zeroed struct on the heap. */
struct ArrowSchema *pf_arrow_schema_new(void);
struct ArrowArray *pf_arrow_array_new(void);
struct ArrowArrayStream *pf_arrow_stream_new(void);
/* Release the content where that was not done yet, then free the struct. NULL is allowed. */
void pf_arrow_schema_free(struct ArrowSchema *schema);
void pf_arrow_array_free(struct ArrowArray *array);
void pf_arrow_stream_free(struct ArrowArrayStream *stream);
/* `PyCapsule_Destructor`s for capsules named arrow_schema, arrow_array, arrow_array_stream. */
void pf_capsule_destroy_schema(void *capsule);
void pf_capsule_destroy_array(void *capsule);
void pf_capsule_destroy_stream(void *capsule);

#ifdef __cplusplus
}
#endif

#endif /* PARQUETFRAME_H */
