/** The command line: node, wallet, receipt, chain. */
@NullMarked
package network.tender.cli;

import org.jspecify.annotations.NullMarked;
