/* Text tables with aligned columns; it only lays out what it is given. */
#include "host/ctl/table.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/words.h"

void table_init(struct table *table, const char *const *titles, uint32_t column_count,
                bool has_colour)
{
    assert(column_count >= 1);
    assert(column_count <= TABLE_COLUMNS_MAX);
    *table =
        (struct table){.titles = titles, .column_count = column_count, .has_colour = has_colour};
    rh_buf_init(&table->text, TABLE_TEXT_MAX);
    rh_buf_init(&table->sizes, TABLE_CELLS_MAX * sizeof(size_t));
}

void table_release(struct table *table)
{
    rh_buf_release(&table->text);
    rh_buf_release(&table->sizes);
}

struct rh_buf *table_cell(struct table *table)
{
    table->cell_start = table->text.n;
    return &table->text;
}

void table_end(struct table *table)
{
    size_t size = table->text.n - table->cell_start;

    if (size == 0 && rh_buf_append_byte(&table->text, '-') == RH_OK)
        size = 1;
    (void)rh_buf_append(&table->sizes, &size, sizeof(size)); /* sticky */
    table->cell_count++;
}

void table_text(struct table *table, const char *text)
{
    words_put_c(table_cell(table), text);
    table_end(table);
}

void table_int(struct table *table, int64_t value)
{
    (void)rh_buf_printf(table_cell(table), "%" PRId64, value); /* sticky */
    table_end(table);
}

static char title_mark(const char *title)
{
    return title[0] == '>' || title[0] == '*' ? title[0] : ' ';
}

static struct rh_str title_text(const char *title)
{
    return rh_str_from(title_mark(title) == ' ' ? title : title + 1);
}

static size_t cell_size(const struct table *table, uint32_t index)
{
    size_t size;

    memcpy(&size, table->sizes.p + (size_t)index * sizeof(size), sizeof(size));
    return size;
}

static void pad(struct rh_buf *out, size_t count)
{
    while (count-- > 0)
        (void)rh_buf_append_byte(out, ' '); /* sticky */
}

static void write_cell(const struct table *table, struct rh_buf *out, uint32_t column, size_t width,
                       struct rh_str text, bool is_title)
{
    const char mark = title_mark(table->titles[column]);
    const size_t blanks = width - words_width(text);
    const char *colour = mark == '*' && table->has_colour && !is_title ? words_colour(text) : NULL;

    if (mark == '>')
        pad(out, blanks);
    if (colour)
        (void)rh_buf_append_c(out, colour); /* sticky, as below */
    (void)rh_buf_append_str(out, text);
    if (colour)
        (void)rh_buf_append_c(out, WORDS_COLOUR_END);
    if (column + 1 == table->column_count) {
        (void)rh_buf_append_byte(out, '\n');
        return;
    }
    if (mark != '>')
        pad(out, blanks);
    pad(out, 2);
}

int32_t table_write(const struct table *table, struct rh_buf *out)
{
    size_t widths[TABLE_COLUMNS_MAX];
    size_t at = 0;

    if (table->text.rc != RH_OK || table->sizes.rc != RH_OK)
        return table->text.rc != RH_OK ? table->text.rc : table->sizes.rc;
    assert(table->cell_count % table->column_count == 0);
    for (uint32_t i = 0; i < table->column_count; i++)
        widths[i] = words_width(title_text(table->titles[i]));
    for (uint32_t i = 0; i < table->cell_count; i++) {
        const struct rh_str text = {table->text.p + at, cell_size(table, i)};
        const size_t width = words_width(text);

        if (width > widths[i % table->column_count])
            widths[i % table->column_count] = width;
        at += text.n;
    }
    for (uint32_t i = 0; i < table->column_count; i++)
        write_cell(table, out, i, widths[i], title_text(table->titles[i]), true);
    at = 0;
    for (uint32_t i = 0; i < table->cell_count; i++) {
        const uint32_t column = i % table->column_count;
        const struct rh_str text = {table->text.p + at, cell_size(table, i)};

        write_cell(table, out, column, widths[column], text, false);
        at += text.n;
    }
    return out->rc;
}
