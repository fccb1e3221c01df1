"""Class-relation Knowledge Distillation for Novel Class Discovery: Gu et al., ICCV 2023, arXiv 2307.09158."""
