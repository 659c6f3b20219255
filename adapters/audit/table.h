#ifndef AUDIT_TABLE_H
#define AUDIT_TABLE_H

/*
 * Messages as rows of a table, for spreadsheets and for programs
 *
 * CSV after RFC 4180: every cell quoted, CRLF, a head line. What others wrote must not become
 * a formula in somebody's spreadsheet: a cell that begins with = + - @, a tab or a line break
 * (also behind spaces) gets an apostrophe in front, and control characters become spaces.
 *
 * JSON lines: one object a record, with the whole header in proto3 JSON; nothing is changed.
 *
 * Threads: any.
 */

#include "audit/walk.h"
#include "base/buf.h"

/* The head line. */
void table_csv_head(struct buf *out);
/* A row for a MESSAGE. Sticky failure in out. */
void table_csv_row(const struct walk_record *record, struct buf *out);
/* One cell, with its quotes. */
void table_csv_cell(const char *text, struct buf *out);
/* A line for any record. RG_E_FORMAT: a text in the header is not UTF-8. */
RG_MUST_USE rg_err table_json_line(const struct walk_record *record, struct buf *out);

#endif
