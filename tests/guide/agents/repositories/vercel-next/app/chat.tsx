"use client";
import { useChat } from "@ai-sdk/react";

export function Chat() {
  const { messages } = useChat();
  return messages;
}
