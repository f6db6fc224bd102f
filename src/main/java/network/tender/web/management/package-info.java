/** The management port: metrics and health, for operators only. */
@NullMarked
package network.tender.web.management;

import org.jspecify.annotations.NullMarked;
