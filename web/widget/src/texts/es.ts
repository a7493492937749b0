/** Español. */
import type { consent as english, TextKey } from "./en";

export const es: Record<TextKey, string> = {
	button_open: "Abrir el chat",
	button_open_unread_one: "Abrir el chat, {n} mensaje nuevo",
	button_open_unread_other: "Abrir el chat, {n} mensajes nuevos",
	button_close: "Cerrar el chat",

	title: "Chat",
	online: "Estamos en línea",
	offline: "Ahora no estamos en línea",
	with_agent: "te atiende",
	waiting: "Enseguida te atenderán",
	waiting_next: "Eres la siguiente persona",
	waiting_position: "Puesto {n} en la cola",
	minimise: "Minimizar el chat",

	log: "Conversación",
	you: "Tú",
	greeting_online: "¡Hola! ¿En qué podemos ayudarte?",
	greeting_offline:
		"Ahora no hay nadie. Escríbenos igualmente: tu mensaje queda guardado y respondemos en cuanto volvamos.",
	joined: "{name} se ha unido al chat",
	closed: "El chat se ha cerrado",
	closed_next: "¿Algo más? Escribe: se abrirá un chat nuevo.",
	typing: "{name} está escribiendo",
	new_messages: "Mensajes nuevos",

	sending: "Enviando",
	sent: "Enviado",
	delivered: "Entregado",
	read: "Leído",
	retrying: "Sin enviar, reintentando",
	failed: "No enviado",
	resend: "Enviar de nuevo",
	discard: "Descartar",

	write: "Escribe un mensaje",
	send: "Enviar",
	characters_left_one: "Queda {n} carácter",
	characters_left_other: "Quedan {n} caracteres",

	end: "Terminar el chat",
	end_question: "¿Terminar este chat?",
	end_confirm: "Terminar",
	end_cancel: "Seguir en el chat",

	reconnecting: "Sin conexión. Reconectando; lo que escribas se enviará entonces.",
	elsewhere: "Este chat sigue en otra pestaña o ventana.",
	continue_here: "Continuar aquí",
	outdated: "Recarga la página para seguir en el chat.",
	unavailable: "El chat no está disponible en este momento.",
	try_again: "Intentar de nuevo",

	why_too_large: "El mensaje es demasiado largo.",
	why_too_fast: "Demasiados mensajes en poco tiempo.",
	why_invalid: "No se ha podido leer el mensaje.",
	why_other: "El servidor lo ha rechazado ({code}).",
};

/** The question for consent, asked before anything else. */
export const consent: Record<keyof typeof english, string> = {
	open: "Abrir el chat",
	title: "Antes de chatear",
	sentence:
		"Para hablar contigo guardamos un identificador en este navegador y vemos qué páginas de este sitio abres. ¿Nos lo permites?",
	yes: "Sí, chatear",
	no: "No, gracias",
};
