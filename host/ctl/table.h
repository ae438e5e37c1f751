/* Text tables with aligned columns; it only lays out what it is given. */
#ifndef RH_HOST_CTL_TABLE_H
#define RH_HOST_CTL_TABLE_H

#include <stdbool.h>

#include <ringhost/sdk/buf.h>

#define TABLE_COLUMNS_MAX 16u
#define TABLE_CELLS_MAX   (1u << 20)
#define TABLE_TEXT_MAX    (64u * 1024u * 1024u)

/* A column: its title; a title that begins with '>' is right-aligned, one with '*' holds states,
 * which are coloured. The mark is not shown. */
struct table {
    const char *const *titles;
    uint32_t column_count;
    bool has_colour;
    struct rh_buf text;  /* all cells, one after the other */
    struct rh_buf sizes; /* size_t of each cell */
    uint32_t cell_count;
    size_t cell_start;
};

/* titles and their array are borrowed; 1 <= column_count <= TABLE_COLUMNS_MAX. */
void table_init(struct table *table, const char *const *titles, uint32_t column_count,
                bool has_colour);
void table_release(struct table *table);

/* The next cell is what the caller appends to table_cell(), then table_end(); "-" when that is
 * nothing. Errors are sticky. Cells fill rows from left to right. [any] */
struct rh_buf *table_cell(struct table *table);
void table_end(struct table *table);

/* Whole cells: any text, made safe, NULL like ""; a whole number. [any] */
void table_text(struct table *table, const char *text);
void table_int(struct table *table, int64_t value);

/* Appends the table: titles, then rows, columns two blanks apart, no blanks at the ends of lines.
 * Asserts that the last row is full. [any] RH_OK, or the sticky error of the table or of out. */
int32_t table_write(const struct table *table, struct rh_buf *out);

#endif
