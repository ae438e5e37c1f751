/* What every test of the work queue's cores includes: cmocka with its four headers, and short
 * strings. */
#ifndef RH_TESTS_PLUGINS_WORK_QUEUE_TEST_H
#define RH_TESTS_PLUGINS_WORK_QUEUE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#define S(text) RH_STR_LIT(text)

#endif
