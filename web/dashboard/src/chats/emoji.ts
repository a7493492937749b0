/** The emoji that support talks use, in rows by kind; the machine's own keyboard has all others. Pure. */
const ROWS = [
	"😀 😃 😄 😁 😅 😂 🙂 😉 😊 😇 😍 😘 😎 🤩 🤗 🤔",
	"🤨 😐 🙄 😏 😬 😴 😮 😯 😢 😭 😞 😓 😤 😱 🤯 🥳",
	"👍 👎 👌 👏 🙏 🙌 💪 👋 ✌️ 🤞 🤝 👉 👈 👆 👇 ✋",
	"❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 ✨ ⭐ 🔥 🎉 🎁 💯 ⚡",
	"✅ ❌ ⚠️ ❓ ❗ ℹ️ 🔒 🔑 🔗 📎 📷 📄 📦 🚚 💳 💶",
	"📞 📧 💬 🕐 📅 ⏳ 🛒 🛍️ 🏠 🌍 ☀️ 🌧️ ☕ 🍀 🚀 🐞",
] as const;

export const EMOJI: readonly string[] = ROWS.flatMap((row) => row.split(" "));

/** How many stand side by side: a whole number of lines a row. */
export const EMOJI_COLUMNS = 8;

const MOVES: Readonly<Record<string, number>> = {
	ArrowRight: 1,
	ArrowLeft: -1,
	ArrowDown: EMOJI_COLUMNS,
	ArrowUp: -EMOJI_COLUMNS,
};

/** Where a key leads from one emoji; `null`: the key is not for moving. Stays where there is nothing further. */
export function emojiStep(key: string, at: number): number | null {
	if (key === "Home") return 0;
	if (key === "End") return EMOJI.length - 1;
	const move = MOVES[key];
	if (move === undefined) return null;
	const next = at + move;
	return next >= 0 && next < EMOJI.length ? next : at;
}

/** The text with something put in place of what is selected, and where the caret stands then. */
export function inserted(
	text: string,
	put: string,
	start: number,
	end: number,
): { text: string; caret: number } {
	return { text: text.slice(0, start) + put + text.slice(end), caret: start + put.length };
}
