#!/bin/sh
# Makes the passwords of postgres.yaml in ./secrets, once. They never leave this folder.
set -eu
umask 077
mkdir secrets
# Containers read them as their own users, through this folder that only its owner can enter.
for who in admin owner app; do
	od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >secrets/${who}_password
done
for who in owner app; do
	printf 'postgres://tf_%s:%s@db/tokenflex?sslmode=disable' "$who" "$(cat secrets/${who}_password)" >secrets/${who}_dsn
done
chmod 0644 secrets/*
