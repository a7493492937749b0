/** Common emoji, one row a kind. Others come from the system's own picker. Pure. */
const ROWS = [
	"😀 😃 😄 😁 😅 😂 🙂 😉 😊 😇 😍 😘 😎 🤩 🤗 🤔",
	"🤨 😐 🙄 😏 😬 😴 😮 😯 😢 😭 😞 😓 😤 😱 🤯 🥳",
	"👍 👎 👌 👏 🙏 🙌 💪 👋 ✌️ 🤞 🤝 👉 👈 👆 👇 ✋",
	"❤️ 🧡 💛 💚 💙 💜 🖤 🤍 💔 ✨ ⭐ 🔥 🎉 🎁 💯 ⚡",
	"✅ ❌ ⚠️ ❓ ❗ ℹ️ 🔒 🔑 🔗 📎 📷 📄 📦 🚚 💳 💶",
	"📞 📧 💬 🕐 📅 ⏳ 🛒 🛍️ 🏠 🌍 ☀️ 🌧️ ☕ 🍀 🚀 🐞",
] as const;

export const EMOJI: readonly string[] = ROWS.flatMap((row) => row.split(" "));

/** Columns of the grid. */
export const EMOJI_COLUMNS = 8;

const MOVES: Readonly<Record<string, number>> = {
	ArrowRight: 1,
	ArrowLeft: -1,
	ArrowDown: EMOJI_COLUMNS,
	ArrowUp: -EMOJI_COLUMNS,
};

/** Index after a key press; `null` for a key that does not move. At an edge the index stays. */
export function emojiStep(key: string, at: number): number | null {
	if (key === "Home") return 0;
	if (key === "End") return EMOJI.length - 1;
	const move = MOVES[key];
	if (move === undefined) return null;
	const next = at + move;
	return next >= 0 && next < EMOJI.length ? next : at;
}

/** Replaces the selection; returns the text and the caret after the insertion. */
export function inserted(
	text: string,
	put: string,
	start: number,
	end: number,
): { text: string; caret: number } {
	return { text: text.slice(0, start) + put + text.slice(end), caret: start + put.length };
}
