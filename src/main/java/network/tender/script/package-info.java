/** May this input spend that coin? Curves, keys, signature hashes and their verification. Pure. */
@NullMarked
package network.tender.script;

import org.jspecify.annotations.NullMarked;
