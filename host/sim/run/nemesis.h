/* Carries out the faults that a run has drawn, as long as it has not been healed. */
#ifndef RH_HOST_SIM_RUN_NEMESIS_H
#define RH_HOST_SIM_RUN_NEMESIS_H

struct world;

/* Set up wire, clocks and NAT, and plan the first of each kind that comes again and again. */
void nemesis_begin(struct world *world);

#endif
