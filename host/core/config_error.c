/* Collects every problem of a configuration and prints them as compilers do. It finds none itself.
 */
#include "host/core/config_error.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

#include "host/core/yaml_text.h"

void config_errors_init(struct config_errors *errors)
{
    memset(errors, 0, sizeof(*errors));
}

static void problem_release(struct config_problem *problem)
{
    free(problem->file);
    free(problem->message);
    free(problem->source);
}

void config_errors_release(struct config_errors *errors)
{
    for (uint32_t i = 0; i < errors->used; i++) {
        problem_release(&errors->items[i]);
    }
    free(errors->items);
    config_errors_init(errors);
}

void config_errors_set_files(struct config_errors *errors, const struct config_file *files,
                             uint32_t count)
{
    errors->files = files;
    errors->file_count = count;
}

static uint32_t find_file(const struct config_errors *errors, const char *path)
{
    for (uint32_t i = 0; i < errors->file_count; i++) {
        if (strcmp(errors->files[i].path, path) == 0) {
            return i;
        }
    }
    return UINT32_MAX;
}

static int is_known(const struct config_errors *errors, const struct config_problem *problem)
{
    for (uint32_t i = 0; i < errors->used; i++) {
        const struct config_problem *item = &errors->items[i];
        if (item->line == problem->line && item->column == problem->column &&
            item->is_note == problem->is_note && strcmp(item->file, problem->file) == 0 &&
            strcmp(item->message, problem->message) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The quoted line, or NULL when there is none or it is too long to be of help. */
static char *quote_line(const struct config_errors *errors, const struct config_problem *problem)
{
    if (problem->file_index == UINT32_MAX || problem->line == 0) {
        return NULL;
    }
    struct rh_str line = yaml_text_line(errors->files[problem->file_index].text, problem->line);
    return line.p != NULL && line.n <= CONFIG_SOURCE_LINE_MAX ? strndup(line.p, line.n) : NULL;
}

static int make_room(struct config_errors *errors)
{
    if (errors->used < errors->room) {
        return 1;
    }
    uint32_t room = errors->room == 0 ? 16 : errors->room * 2;
    struct config_problem *items = realloc(errors->items, room * sizeof(*items));
    if (items == NULL) {
        return 0;
    }
    errors->items = items;
    errors->room = room;
    return 1;
}

static void add(struct config_errors *errors, const struct node *where, int at_key,
                const char *message, uint32_t is_note)
{
    const char *file = where != NULL && where->file != NULL ? where->file : "";
    struct config_problem problem = {.is_note = is_note, .file_index = find_file(errors, file)};
    if (where != NULL) {
        int has_key = at_key && where->key_line > 0;
        problem.line = has_key ? where->key_line : where->line;
        problem.column = has_key ? where->key_column : where->column;
    }
    problem.file = strdup(file);
    problem.message = strndup(message, CONFIG_MESSAGE_MAX);
    if (problem.file != NULL && problem.message != NULL && is_known(errors, &problem)) {
        problem_release(&problem);
        return;
    }
    uint32_t *count = is_note ? &errors->note_count : &errors->error_count;
    uint32_t *kept = is_note ? &errors->note_kept : &errors->error_kept;
    (*count)++;
    if (*kept >= CONFIG_ERRORS_MAX) {
        problem_release(&problem);
        return;
    }
    if (problem.file == NULL || problem.message == NULL || !make_room(errors)) {
        errors->is_short_of_memory = 1;
        problem_release(&problem);
        return;
    }
    problem.source = quote_line(errors, &problem);
    errors->items[errors->used++] = problem;
    (*kept)++;
}

void config_errors_add(struct config_errors *errors, const struct node *where, int at_key,
                       const char *message)
{
    add(errors, where, at_key, message, 0);
}

void config_errors_addf(struct config_errors *errors, const struct node *where, int at_key,
                        const char *format, ...)
{
    char message[CONFIG_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args); /* cut at the limit */
    va_end(args);
    add(errors, where, at_key, message, 0);
}

void config_errors_report(void *user, const struct node *where, int at_key, const char *message)
{
    add(user, where, at_key, message, 0);
}

void config_errors_note(struct config_errors *errors, const struct node *where, int at_key,
                        const char *message)
{
    add(errors, where, at_key, message, 1);
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_problems(const void *left, const void *right, void *unused)
{
    (void)unused;
    const struct config_problem *a = left;
    const struct config_problem *b = right;
    int order = compare_u32(a->file_index, b->file_index);
    if (order == 0) {
        order = compare_u32(a->line, b->line);
    }
    return order != 0 ? order : compare_u32(a->column, b->column);
}

/* Blanks as wide as the text before the column; tabs stay tabs, so the caret stands under its
 * place. */
static void print_caret(const struct config_problem *problem, struct rh_buf *out)
{
    struct rh_str rest = rh_str_from(problem->source);
    (void)rh_buf_append_c(out, "    ");
    for (uint32_t column = 1; column < problem->column; column++) {
        size_t length = yaml_text_point(rest);
        (void)rh_buf_append_byte(out, length > 0 && rest.p[0] == '\t' ? '\t' : ' ');
        rest.p += length;
        rest.n -= length;
    }
    (void)rh_buf_append_c(out, "^\n");
}

static void print_problem(const struct config_problem *problem, struct rh_buf *out)
{
    const char *word = problem->is_note ? "note" : "error";
    if (problem->file[0] != 0) {
        (void)rh_buf_append_c(out, problem->file);
        if (problem->line > 0) {
            (void)rh_buf_printf(out, ":%" PRIu32 ":%" PRIu32, problem->line, problem->column);
        }
        (void)rh_buf_append_c(out, ": ");
    }
    (void)rh_buf_printf(out, "%s: %s\n", word, problem->message);
    if (problem->source != NULL) {
        (void)rh_buf_printf(out, "    %s\n", problem->source);
        print_caret(problem, out);
    }
}

int32_t config_errors_print(const struct config_errors *errors, struct rh_buf *out)
{
    /* Sorting only orders what is shown; the collection stays as it is. */
    struct config_problem *sorted = NULL;
    if (errors->used > 0) {
        sorted = malloc(errors->used * sizeof(*sorted));
    }
    const struct config_problem *items = errors->items;
    if (sorted != NULL) {
        memcpy(sorted, errors->items, errors->used * sizeof(*sorted));
        if (rh_sort(sorted, errors->used, sizeof(*sorted), compare_problems, NULL, NULL) == RH_OK) {
            items = sorted;
        }
    }
    for (uint32_t i = 0; i < errors->used; i++) {
        print_problem(&items[i], out);
    }
    if (errors->error_count > errors->error_kept) {
        (void)rh_buf_printf(out, "error: %" PRIu32 " more\n",
                            errors->error_count - errors->error_kept);
    }
    if (errors->note_count > errors->note_kept) {
        (void)rh_buf_printf(out, "note: %" PRIu32 " more\n",
                            errors->note_count - errors->note_kept);
    }
    free(sorted);
    return out->rc;
}
