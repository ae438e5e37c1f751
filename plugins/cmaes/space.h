/* The space of parameters: names, bounds, integers, and how an unbounded coordinate of the search
 * becomes a value; it searches nothing.
 *
 * A coordinate is a value divided by the parameter's scale. A value beyond a bound is reflected at
 * it, as often as need be; an integer is rounded and ends at its bounds. */
#ifndef RH_PLUGINS_CMAES_SPACE_H
#define RH_PLUGINS_CMAES_SPACE_H

#include <ringhost/types.h>
#include <stdbool.h>

#include "strategy.h"

/* NUL included. */
#define PARAMETER_NAME_SIZE 64u
/* Values and bounds are at most this large, so that halves of integers are exact. */
#define PARAMETER_VALUE_MAX 1e15

struct parameter {
    char name[PARAMETER_NAME_SIZE];
    double initial;
    double lower; /* -INFINITY = none */
    double upper; /* INFINITY = none */
    double scale; /* of a coordinate, > 0 */
    bool is_integer;
};

enum space_problem {
    SPACE_OK,
    SPACE_NAME,      /* empty, too long, or not of letters, digits, '_', '.', '-' */
    SPACE_NAME_USED, /* of an earlier one */
    SPACE_BOUNDS,    /* lower is not below upper; for integers: no integer, or only one, between */
    SPACE_INITIAL,   /* outside the bounds */
    SPACE_SCALE      /* not above 0, or not finite */
};

/* The first problem, and in *index which parameter has it. count >= 1. [any] */
enum space_problem space_check(const struct parameter *parameters, uint32_t count, uint32_t *index);

/* A sentence for people, static; "" for SPACE_OK. [any] */
const char *space_problem_text(enum space_problem problem);

/* Whether a name has the form that is asked for. [any] */
bool space_name_is_good(struct rh_str name);

/* The value of a coordinate, within the bounds; coordinate finite. [any] */
double space_value(const struct parameter *p, double coordinate);

/* Has a lower and an upper bound. [any] */
bool space_is_bounded(const struct parameter *p);

#endif
