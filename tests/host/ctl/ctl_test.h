/* What the tests of ringctl share: cmocka with its headers, buffers compared as texts. */
#ifndef RH_TESTS_HOST_CTL_CTL_TEST_H
#define RH_TESTS_HOST_CTL_CTL_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <ringhost/sdk/buf.h>

#define TEST_TEXT_MAX (4u * 1024u * 1024u)

/* Asserts that the buffer holds exactly this, and empties it. */
static inline void assert_text(struct rh_buf *buf, const char *expected)
{
    assert_int_equal(buf->rc, RH_OK);
    assert_string_equal(buf->n ? buf->p : "", expected);
    rh_buf_release(buf);
}

#define COUNT_OF(rows) (uint32_t)(sizeof(rows) / sizeof((rows)[0]))

#endif
