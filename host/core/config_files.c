/* Which files of the configuration directories count, and in what order. It reads none: the body
 * brings names and texts. */
#include "host/core/config_files.h"

#include <string.h>

#include <ringhost/sdk/str.h>

/* What people and programs leave behind in such directories. */
struct leftover {
    const char *pattern; /* glob */
    const char *why;
};
static const struct leftover leftovers[] = {
    {"*~", "editor backup"},
    {"#*#", "editor backup"},
    {"*.bak", "editor backup"},
    {"*.orig", "editor backup"},
    {".*.sw?", "editor backup"},
    {"*.dpkg-*", "left by a package upgrade"},
    {"*.ucf-*", "left by a package upgrade"},
    {"*.rpm*", "left by a package upgrade"},
    {".*", "hidden file"},
    {"*.yml", "not named NN-name.yaml (.yml is not .yaml)"},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool config_files_counts(const char *name)
{
    static const char tail[] = ".yaml";
    size_t length = strlen(name);
    if (length < 3 + 1 + sizeof(tail) - 1 || !is_digit(name[0]) || !is_digit(name[1]) ||
        name[2] != '-') {
        return false;
    }
    for (size_t i = 3; i < length; i++) {
        char c = name[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !is_digit(c) && c != '.' && c != '_' && c != '-') {
            return false;
        }
    }
    return rh_str_ends_with(rh_str_from(name), rh_str_from(tail));
}

const char *config_files_why_ignored(const char *name)
{
    for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++) {
        if (rh_glob_match(rh_str_from(leftovers[i].pattern), rh_str_from(name))) {
            return leftovers[i].why;
        }
    }
    return "not named NN-name.yaml";
}

static bool is_replaced(const struct config_file *file, const struct config_file *files,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (files[i].rank > file->rank && strcmp(files[i].name, file->name) == 0) {
            return true;
        }
    }
    return false;
}

static bool comes_before(const struct config_file *a, const struct config_file *b)
{
    if (a->rank != b->rank) {
        return a->rank < b->rank;
    }
    return strcmp(a->name, b->name) < 0;
}

uint32_t config_files_order(const struct config_file *files, uint32_t count,
                            struct config_file *out)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!config_files_counts(files[i].name) || is_replaced(&files[i], files, count)) {
            continue;
        }
        uint32_t place = used++;
        while (place > 0 && comes_before(&files[i], &out[place - 1])) {
            out[place] = out[place - 1];
            place--;
        }
        out[place] = files[i];
    }
    return used;
}
