/* cmocka with the headers that it wants first; nothing else. */
#ifndef RH_TESTS_HOST_CORE_CMOCKA_ALL_H
#define RH_TESTS_HOST_CORE_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
