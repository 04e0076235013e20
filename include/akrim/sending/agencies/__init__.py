"""Receipts to the agencies: what became of each delivery, and the agency's own rows that were set aside."""

from akrim.sending.agencies.posting import ReceiptsSent, sealed_receipt, send_receipts, sent_receipts

__all__ = ["ReceiptsSent", "sealed_receipt", "send_receipts", "sent_receipts"]
