/** English texts of the first run. */
export const en = {
	title: "Set up Palique",
	lead: "Your site and its first administrator.",
	code: "Set-up code",
	code_hint: "From the log of the gateway, or from the command palique setup.",
	origin: "Address of your web site",
	origin_hint: "Only the start, such as https://shop.example. Its pages may then show the chat.",
	name: "Your name",
	submit: "Create the site",
	wrong_code: "This is not the newest code. The command palique setup prints a new one.",
	code_expired: "This code has expired. The command palique setup prints a new one.",
	done: "Palique is set up already, so the code no longer works. Sign in, or ask an administrator for an invitation.",
	origin_bad:
		"Enter only the start of the address, such as https://shop.example: no path, and no http:// for a site on the internet.",
	name_bad: "Names need a letter or digit, and at most 100 characters.",

	// First steps
	hide: "Hide this list",
	step_done: "Done",
	step_left: "To do",
	seen: "Seen on {origin}",
	unseen: "Not seen on a page yet. Open one of your pages: it appears here within seconds.",
	refused: "These pages asked for the chat but may not show it. Allow only addresses that are yours.",
	ago: "{time} ago",
	allow: "Allow",
	try: "Try it",
	try_lead: "Open a page of your site in another window and write a message. Accept the chat here.",
	invite: "Invite a colleague",
	invite_lead: "Create a link for each person who answers your visitors.",
	profile: "Complete your profile",
} as const;
