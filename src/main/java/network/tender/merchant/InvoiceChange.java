package network.tender.merchant;

/**
 * Something happened to an invoice, and is durable.
 *
 * @param invoiceId which
 * @param storeId whose
 * @param before how it stood
 * @param after how it stands
 */
public record InvoiceChange(
    String invoiceId, String storeId, InvoiceState before, InvoiceState after) {}
