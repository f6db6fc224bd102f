/**
 * The Greenfield API of BTCPay Server for shops, plugins and billing systems: its paths, shapes,
 * permissions and errors, read as leniently as its clients write.
 */
@NullMarked
package network.tender.web.greenfield;

import org.jspecify.annotations.NullMarked;
