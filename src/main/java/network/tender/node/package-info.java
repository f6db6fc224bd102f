/** Wiring, life cycle and configuration of a node. */
@NullMarked
package network.tender.node;

import org.jspecify.annotations.NullMarked;
