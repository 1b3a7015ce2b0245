CREATE TABLE chats (id TEXT, text TEXT);
