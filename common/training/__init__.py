"""Training: loops, augmentation, seeding, the device."""
