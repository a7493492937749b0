/** An agent's text with its web addresses as links. Only `http` and `https` become one, and only as text nodes around it. */
const ADDRESS = /(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/;

export function LinkedText({ text }: { text: string }) {
	const parts = text.split(ADDRESS).map((part, index) => {
		// The pattern's one group stands at every odd place.
		if (index % 2 === 0) return part;
		return (
			<a key={part} href={part} target="_blank" rel="noopener noreferrer nofollow">
				{part}
			</a>
		);
	});
	return <>{parts}</>;
}
