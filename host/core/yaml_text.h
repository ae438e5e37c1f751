/* Places in the text of a YAML file: is it clean UTF-8, and what does line N say. It knows no YAML.
 */
#ifndef RH_HOST_CORE_YAML_TEXT_H
#define RH_HOST_CORE_YAML_TEXT_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdbool.h>
#include <stdint.h>

/* Line and column count from 1; a column is one code point. */
struct yaml_place {
    uint32_t line;
    uint32_t column;
};

/* NULL if the whole text is UTF-8 without control characters (tab and line breaks are fine); else
 * what is wrong there, static, and *place is set. [any] */
const char *yaml_text_check(struct rh_str text, struct yaml_place *place);

/* Line `line` without its break, or {NULL, 0} if there is none. Breaks are those of YAML: LF, CR,
 * CRLF, NEL, LS, PS. [any] */
struct rh_str yaml_text_line(struct rh_str text, uint32_t line);

/* Bytes of the code point at the start of s, 1 to 4; 0 if it is not UTF-8 or s is empty. [any] */
size_t yaml_text_point(struct rh_str s);

#endif
