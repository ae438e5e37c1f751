/* Reads a match from one JSON document, strictly; it opens no file. */
#include "spec_json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_BYTES   160
#define EXACT_INT_MAX 9007199254740992.0 /* 2^53: above it a double skips integers */

static bool fail(char *message, const char *shown, const char *rule)
{
    (void)snprintf(message, SPEC_MESSAGE_BYTES, "%s %s", shown, rule); /* cut is fine */
    return false;
}

/* The field as the message shows it; a key from outside may be long, so it is cut. */
static void show(char *shown, const char *key)
{
    (void)snprintf(shown, SHOWN_BYTES, "\"%.100s\"", key);
}

static bool is_repeated(const cJSON *item)
{
    for (const cJSON *next = item->next; next; next = next->next) {
        if (strcmp(next->string, item->string) == 0)
            return true;
    }
    return false;
}

static bool read_list(struct spec_list *list, size_t items_max, const cJSON *array,
                      const char *shown, char *message)
{
    if (!cJSON_IsArray(array))
        return fail(message, shown, "must be an array of strings");
    for (const cJSON *item = array->child; item; item = item->next) {
        if (!cJSON_IsString(item))
            return fail(message, shown, "must be an array of strings");
        if (!spec_append(list, items_max, shown, item->valuestring, message))
            return false;
    }
    return true;
}

static bool read_player(struct spec_player *player, const cJSON *object, int index, char *message)
{
    char shown[SHOWN_BYTES];
    (void)snprintf(shown, sizeof(shown), "\"players[%d]\"", index);
    if (!cJSON_IsObject(object))
        return fail(message, shown, "must be an object");
    for (const cJSON *item = object->child; item; item = item->next) {
        (void)snprintf(shown, sizeof(shown), "\"players[%d].%.100s\"", index, item->string);
        if (is_repeated(item))
            return fail(message, shown, "must be given once");
        bool is_ok;
        if (strcmp(item->string, "name") == 0)
            is_ok = cJSON_IsString(item) ? spec_set_name(player, shown, item->valuestring, message)
                                         : fail(message, shown, "must be a string");
        else if (strcmp(item->string, "argv") == 0)
            is_ok = read_list(&player->argv, SPEC_ARGS_MAX, item, shown, message);
        else if (strcmp(item->string, "setup") == 0)
            is_ok = read_list(&player->setup, SPEC_SETUP_MAX, item, shown, message);
        else if (strcmp(item->string, "folder") == 0)
            is_ok = cJSON_IsString(item)
                        ? spec_set_folder(player, shown, item->valuestring, message)
                        : fail(message, shown, "must be a string");
        else
            is_ok = fail(message, shown, "is not a known field");
        if (!is_ok)
            return false;
    }
    return true;
}

static bool read_players(struct match_spec *spec, const cJSON *array, char *message)
{
    if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) != SPEC_PLAYERS)
        return fail(message, "\"players\"", "must be an array of two objects");
    int index = 0;
    for (const cJSON *item = array->child; item; item = item->next) {
        if (!read_player(&spec->players[index], item, index, message))
            return false;
        index++;
    }
    return true;
}

static bool read_scalar(struct match_spec *spec, const struct spec_field *field, const cJSON *item,
                        char *message)
{
    char shown[SHOWN_BYTES];
    char number[64];
    show(shown, field->key);
    if (field->kind == SPEC_INT) {
        double value = cJSON_IsNumber(item) ? item->valuedouble : 0.5;
        if (floor(value) != value || fabs(value) > EXACT_INT_MAX)
            return fail(message, shown, "must be an integer");
        return spec_set_int(spec, field, shown, (int64_t)value, message);
    }
    if (field->kind == SPEC_KOMI) {
        if (!cJSON_IsNumber(item))
            return fail(message, shown, "must be a number");
        if (fabs(item->valuedouble) > EXACT_INT_MAX)
            return fail(message, shown, "is too large");
        (void)snprintf(number, sizeof(number), "%.9f", item->valuedouble);
        return spec_set_text(spec, field, shown, number, message);
    }
    if (field->kind == SPEC_YES_NO) {
        if (!cJSON_IsBool(item))
            return fail(message, shown, "must be true or false");
        return spec_set_text(spec, field, shown, cJSON_IsTrue(item) ? "yes" : "no", message);
    }
    if (!cJSON_IsString(item))
        return fail(message, shown, "must be a string");
    return spec_set_text(spec, field, shown, item->valuestring, message);
}

static bool read_item(struct match_spec *spec, const cJSON *item, char *message)
{
    size_t count = 0;
    const struct spec_field *fields = spec_fields(&count);
    char shown[SHOWN_BYTES];
    show(shown, item->string);
    if (is_repeated(item))
        return fail(message, shown, "must be given once");
    if (strcmp(item->string, "players") == 0)
        return read_players(spec, item, message);
    if (strcmp(item->string, "parameters") == 0) /* already in the players' arguments */
        return cJSON_IsObject(item) || fail(message, shown, "must be an object");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(item->string, fields[i].key) == 0)
            return read_scalar(spec, &fields[i], item, message);
    }
    return fail(message, shown, "is not a known field");
}

bool spec_from_json(struct match_spec *spec, const char *text, size_t len, char *message)
{
    if (len > SPEC_JSON_BYTES_MAX)
        return fail(message, "the spec", "must have at most 1 MiB");
    if (memchr(text, '\0', len))
        return fail(message, "the spec", "must not contain a NUL byte");
    cJSON *root = cJSON_ParseWithLengthOpts(text, len + 1, NULL, true);
    if (!root)
        return fail(message, "the spec", "must be one JSON document");

    bool is_ok = cJSON_IsObject(root) || fail(message, "the spec", "must be a JSON object");
    for (const cJSON *item = root->child; item && is_ok; item = item->next)
        is_ok = read_item(spec, item, message);
    cJSON_Delete(root);
    return is_ok;
}
