/** English texts. Other languages have the same keys. */
export const en = {
	button_open: "Open chat",
	button_open_unread_one: "Open chat, {n} new message",
	button_open_unread_other: "Open chat, {n} new messages",
	button_close: "Close chat",
	page_title_unread_one: "{n} new message",
	page_title_unread_other: "{n} new messages",
	preview_from: "New message from {name}",
	preview_dismiss: "Hide this message",
	sound: "Sound for new messages",

	title: "Chat",
	online: "We are online",
	offline: "We are offline",
	with_agent: "is here for you",
	waiting: "An agent will join shortly",
	waiting_next: "You are next",
	waiting_position: "Number {n} in the queue",
	minimise: "Minimise the chat",

	log: "Conversation",
	you: "You",
	greeting_online: "Hello! How can we help you?",
	greeting_offline: "We are offline right now. Leave a message and we will answer as soon as we are back.",
	joined: "{name} joined the chat",
	requeued: "An agent will be with you again shortly",
	transferred: "We are passing you to a colleague",
	closed: "The chat was closed",
	closed_next: "Anything else? Write a message to start a new chat.",
	typing: "{name} is typing",
	earlier: "Show earlier messages",
	new_messages: "New messages",

	sending: "Sending",
	sent: "Sent",
	delivered: "Delivered",
	read: "Read",
	retrying: "Not sent yet, retrying",
	failed: "Not sent",
	resend: "Send again",
	discard: "Discard",

	write: "Write a message",
	send: "Send",
	characters_left_one: "{n} character left",
	characters_left_other: "{n} characters left",
	characters_over_one: "{n} character too many. Shorten the text.",
	characters_over_other: "{n} characters too many. Shorten the text.",

	end: "End chat",
	end_question: "End this chat?",
	end_confirm: "Yes, end it",
	end_cancel: "Keep chatting",

	reconnecting: "Connection lost. Reconnecting… Your messages are sent then.",
	elsewhere: "This chat is open in another tab or window.",
	continue_here: "Continue here",
	outdated: "Reload the page to continue the chat.",
	switched_off: "The chat is closed for now. It comes back here as soon as it opens again.",
	unavailable: "The chat is not available right now.",
	try_again: "Try again",

	why_too_large: "The message is too long.",
	why_too_fast: "Too many messages in a short time. Wait a moment.",
	why_invalid: "The message was not accepted.",
	why_other: "The server refused it ({code}).",
};

export type TextKey = keyof typeof en;

/** Texts of the consent dialog. */
export const consent = {
	open: "Open chat",
	title: "Before we chat",
	sentence:
		"To chat with you, we store a token in this browser and see which pages of this site you open. Do you agree?",
	yes: "Yes, chat",
	no: "No, thanks",
};
