/** Metric names and meters. Imports nothing of ours. */
@NullMarked
package network.tender.telemetry;

import org.jspecify.annotations.NullMarked;
