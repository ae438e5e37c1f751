/* The ledger of before schema 2, for suites of upgrades: the same id, built to know schema 1 only.
 */
#define LEDGER_SCHEMA 1
#include "../ledger/plugin.c" /* NOLINT(bugprone-suspicious-include): one source, two builds */
