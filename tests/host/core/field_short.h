/* A field table whose objects may be written short, for tests. */
#ifndef RH_TESTS_HOST_CORE_FIELD_SHORT_H
#define RH_TESTS_HOST_CORE_FIELD_SHORT_H

#include <ringhost/fields.h>

struct engine {
    struct rh_str name;
    struct rh_str_list argv;
    int64_t level;
};

struct engines {
    struct rh_list engines;
};

static const struct rh_field engine_fields[] = {
    RH_STR_LIST(struct engine, argv, 0, "its command"),
    RH_INT(struct engine, level, 7, 1, 10, "strength"),
};

static const struct rh_field engines_fields[] = {
    RH_FIELD_ROW_(struct engines, engines, RH_FIELD_OBJECT_MAP, .flags = RH_SHORT_LIST, .max = 3,
                  RH_SUB_(struct engine, engine_fields), .doc = "who plays"),
};

static const struct rh_fields short_table = RH_FIELDS(struct engines, engines_fields);

#endif
