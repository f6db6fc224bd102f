/** HTTP: one package per surface, one error mapper. */
@NullMarked
package network.tender.web;

import org.jspecify.annotations.NullMarked;
