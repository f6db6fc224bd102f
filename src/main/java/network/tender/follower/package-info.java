/**
 * A node that trusts nobody: it takes the blocks of another node, judges each by its own rules, and
 * serves what it has found valid.
 */
@NullMarked
package network.tender.follower;

import org.jspecify.annotations.NullMarked;
