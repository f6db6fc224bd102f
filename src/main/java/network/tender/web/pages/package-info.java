/**
 * Pages for people: the till's keypad, the customer's checkout, receipts, the start page. Rendered
 * here, with small scripts and one style sheet; nothing is loaded from elsewhere.
 */
@NullMarked
package network.tender.web.pages;

import org.jspecify.annotations.NullMarked;
