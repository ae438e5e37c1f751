/* What is taken from a job's output. */
#include "output.h"

#include <stdbool.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct rh_str trim(struct rh_str s)
{
    while (s.n > 0 && is_blank(s.p[s.n - 1]))
        s.n--;
    while (s.n > 0 && is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

struct rh_str output_object(struct rh_str output)
{
    size_t end = output.n;

    for (;;) {
        size_t from = end;
        struct rh_str line;

        while (from > 0 && output.p[from - 1] != '\n')
            from--;
        line = trim((struct rh_str){output.n > 0 ? output.p + from : "", end - from});
        if (line.n >= 2 && line.p[0] == '{' && line.p[line.n - 1] == '}')
            return line;
        if (from == 0)
            return (struct rh_str){"", 0};
        end = from - 1;
    }
}

struct rh_str output_tail(struct rh_str output, size_t most)
{
    size_t from = output.n > most ? output.n - most : 0;

    while (from > 0 && from < output.n && ((unsigned char)output.p[from] & 0xc0u) == 0x80u)
        from++;
    return (struct rh_str){output.n > 0 ? output.p + from : "", output.n - from};
}
