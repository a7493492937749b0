/** English, for the question that comes before everything else. */
export const en = {
	open: "Open chat",
	title: "Before we chat",
	sentence:
		"To chat with you we keep a token in this browser and see which pages of this site you open. May we?",
	yes: "Yes, chat",
	no: "No, thanks",
};
