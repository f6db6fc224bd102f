/**
 * Measurements of a running node from a process of its own, against the limit of the machine that
 * is taken in the same run.
 */
@NullMarked
package network.tender.bench;

import org.jspecify.annotations.NullMarked;
